import PatchbayJSON
import PatchbayModel

/// OpenAI's Responses API: the richest of the formats, and the one whose vocabulary the hub speaks.
package struct ResponsesFormat: WireFormat {
    /// What a request's JSON may hold.
    private let limits: JSONLimits

    /// `maxDepth`: arrays and objects inside one another. The body's size is bounded before it gets here.
    package init(maxDepth: Int = JSONLimits.request.maxDepth) {
        var limits = JSONLimits.request
        limits.maxDepth = maxDepth
        limits.maxBytes = .max
        self.limits = limits
    }

    package func request(from body: [UInt8]) throws(GatewayError) -> Request {
        try Request(responses: try document(body).root)
    }

    /// A body's JSON.
    func document(_ body: [UInt8]) throws(GatewayError) -> JSONDocument {
        do throws(JSONError) {
            return try JSONParser().parse(body, limits: limits)
        } catch {
            throw .invalid(error.message, param: nil, code: "invalid_json")
        }
    }

    package func body(of response: Response) -> [UInt8] {
        var json = JSONWriter()
        response.writeAsResponses(to: &json)
        return json.bytes
    }

    package func body(of error: GatewayError) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.member("error", error) }
        return json.bytes
    }

    package func makeEncoder() -> ResponsesEventEncoder {
        ResponsesEventEncoder()
    }

    /// For a stream that is taken up again after the event of a number.
    package func makeEncoder(after last: Int) -> ResumedEventEncoder {
        ResumedEventEncoder(makeEncoder(), after: last)
    }
}

extension GatewayError.Kind {
    /// OpenAI's `error.type`.
    var responsesType: String {
        switch self {
        case .invalidRequest, .notFound, .methodNotAllowed, .conflict, .tooLarge, .unsupportedMediaType:
            "invalid_request_error"
        case .unauthenticated: "authentication_error"
        case .rateLimited: "rate_limit_error"
        case .overloaded, .provider, .timeout, .cancelled, .storage, .internal: "server_error"
        }
    }
}

extension GatewayError {
    /// `error.code` of a failed response and of an `error` event, where a code is required.
    var responsesCode: String {
        if let code { return code }
        switch kind {
        case .rateLimited: return "rate_limit_exceeded"
        case .invalidRequest, .notFound, .tooLarge: return "invalid_prompt"
        default: return "server_error"
        }
    }
}
