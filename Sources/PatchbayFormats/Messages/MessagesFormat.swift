import PatchbayJSON
import PatchbayModel

/// Anthropic's Messages API.
package struct MessagesFormat: WireFormat {
    package struct Options: Sendable {
        /// For each item of the hub's request, where it came from: a path such as `messages[2].content[0]`.
        var places: [String] = []
    }

    /// The field with which a client lets the server keep a conversation. It goes on without, if the refusal has a code
    /// of its own in `details`, as Anthropic's has.
    static let thread = "thread"

    private let documents: RequestDocument

    /// `maxDepth`: arrays and objects inside one another, in a request.
    package init(maxDepth: Int = JSONLimits.request.maxDepth) {
        documents = RequestDocument(maxDepth: maxDepth)
    }

    package func read(_ body: [UInt8]) throws(GatewayError) -> (request: Request, options: Options) {
        try read(body, isCount: false)
    }

    /// A request to count its tokens: one without an answer, which needs no `max_tokens`.
    package func count(from body: [UInt8]) throws(GatewayError) -> (request: Request, options: Options) {
        try read(body, isCount: true)
    }

    private func read(_ body: [UInt8], isCount: Bool) throws(GatewayError) -> (request: Request, options: Options) {
        let reader = try MessagesRequest(try documents.parse(body).root, isCount: isCount)
        return (reader.request, reader.options)
    }

    package func body(inputTokens: Int) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.member("input_tokens", inputTokens) }
        return json.bytes
    }

    package func body(of response: Response, _ options: Options) -> [UInt8] {
        var json = JSONWriter()
        response.writeAsMessage(to: &json)
        return json.bytes
    }

    package func body(of error: GatewayError) -> [UInt8] {
        var json = JSONWriter()
        json.write(messagesError: error)
        return json.bytes
    }

    /// The clients read an error's words and not its `param`: the path is said there too.
    package func localised(_ error: GatewayError, _ options: Options) -> GatewayError {
        guard let param = error.param else { return error }
        var error = error
        if param.hasPrefix("input["), let index = Int(param.dropFirst(6).prefix { $0 != "]" }) {
            let place = options.places.indices.contains(index) ? options.places[index] : "messages"
            error.param = place
            if !error.message.contains(place) { error.message = "\(place): \(error.message)" }
        } else if let name = Self.names.first(where: { param == $0.hub || param.hasPrefix($0.hub + ".") }) {
            error.param = name.messages
        }
        return error
    }

    package func makeEncoder(_ options: Options) -> MessagesEventEncoder {
        MessagesEventEncoder()
    }

    /// The hub's fields that have another name here.
    private static let names: [(hub: String, messages: String)] = [
        ("max_output_tokens", "max_tokens"), ("text", "output_config.format"), ("reasoning", "thinking"),
        ("stop", "stop_sequences"), ("user", "metadata.user_id"), ("input", "messages"),
    ]
}

extension GatewayError.Kind {
    /// Anthropic's `error.type`.
    fileprivate var messagesType: String {
        switch self {
        case .invalidRequest, .methodNotAllowed, .conflict, .unsupportedMediaType: "invalid_request_error"
        case .unauthenticated: "authentication_error"
        case .notFound: "not_found_error"
        case .tooLarge: "request_too_large"
        case .rateLimited: "rate_limit_error"
        case .overloaded: "overloaded_error"
        case .timeout: "timeout_error"
        case .provider, .cancelled, .storage, .internal: "api_error"
        }
    }
}

extension JSONWriter {
    /// An error in Anthropic's shape, with our code beside it.
    mutating func write(messagesError error: GatewayError) {
        object { json in
            json.member("type", literal: "error")
            json.member("error") { json in
                json.object { json in
                    json.member("type", error.kind.messagesType)
                    json.member("message", error.message)
                    if let code = error.code { json.member("code", code) }
                    if let param = error.param { json.member("param", param) }
                    guard error.kind == .invalidRequest, error.param == MessagesFormat.thread else { return }
                    json.member("details") { json in
                        json.object { json in
                            json.member("error_code", literal: "thread_unsupported_request")
                            json.member("unsupported") { $0.literal(#"["thread"]"#) }
                        }
                    }
                }
            }
        }
    }
}
