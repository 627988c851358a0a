import PatchbayJSON
import PatchbayModel

/// OpenAI's Responses API: the richest of the formats, and the one whose vocabulary the hub speaks.
package struct ResponsesFormat: WireFormat {
    private let documents: RequestDocument
    /// A stream ends in `data: [DONE]`, as Open Responses asks and OpenAI doesn't.
    private let endsWithDone: Bool

    /// `maxDepth`: arrays and objects inside one another, in a request.
    package init(maxDepth: Int = JSONLimits.request.maxDepth, endsWithDone: Bool = false) {
        documents = RequestDocument(maxDepth: maxDepth)
        self.endsWithDone = endsWithDone
    }

    package func read(_ body: [UInt8]) throws(GatewayError) -> (request: Request, options: Void) {
        (try request(from: body), ())
    }

    package func request(from body: [UInt8]) throws(GatewayError) -> Request {
        try Request(responses: try document(body).root)
    }

    /// A body's JSON.
    func document(_ body: [UInt8]) throws(GatewayError) -> JSONDocument {
        try documents.parse(body)
    }

    package func body(of response: Response, _ options: Void) -> [UInt8] { body(of: response) }
    package func localised(_ error: GatewayError, _ options: Void) -> GatewayError { error }
    package func makeEncoder(_ options: Void) -> ResponsesEventEncoder { makeEncoder() }

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
        ResponsesEventEncoder(endsWithDone: endsWithDone)
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
