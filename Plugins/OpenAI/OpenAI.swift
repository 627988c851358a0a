/// This module's translator.
typealias Plugin = OpenAI

/// Any upstream that speaks one of OpenAI's two APIs. One instance's configuration, and who translates by it.
struct OpenAI: Translator {
    static let id: StaticString = "patchbay.openai"
    static let summary: StaticString = "Any OpenAI-compatible upstream, by its Responses or Chat Completions API"

    /// Which of the two APIs the upstream speaks.
    enum API: String, CaseIterable, Sendable { case responses, chat_completions }

    /// The name of the chat API's bound: older servers know only `max_tokens`.
    enum MaxTokensField: String, CaseIterable, Sendable { case max_completion_tokens, max_tokens }

    private(set) var upstream = Upstream(baseURL: "https://api.openai.com/v1")
    private(set) var api = API.chat_completions
    private(set) var maxTokensField = MaxTokensField.max_completion_tokens
    private let url: String

    private static let keys = Upstream.keys + ["api", "organization", "project", "max_tokens_field"]

    init(_ config: JSONValue) throws(Failure) {
        guard let members = config.object else { throw .invalid("", "config must be a mapping") }
        for member in members {
            let (key, value) = (member.key, member.value)
            if try upstream.take(key, value) { continue }
            switch key {
            case "api": api = try value.configChoice(key, API.self)
            case "organization", "project": upstream.headers.append(("openai-" + key, try value.configHeader(key)))
            case "max_tokens_field": maxTokensField = try value.configChoice(key, MaxTokensField.self)
            default: throw .invalid(key, "unknown key; allowed are \(Self.keys.joined(separator: ", "))")
            }
        }
        try upstream.authorize("authorization", prefix: "Bearer ")
        url = upstream.baseURL + (api == .responses ? "/responses" : "/chat/completions")
    }

    /// OpenAI's own servers take hints that other servers refuse as unknown fields.
    var isOpenAI: Bool { upstream.baseURL.hasPrefix("https://api.openai.com/") }

    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange {
        if api == .responses {
            let body = ResponsesRequest.write(request, isStream: isStream, notes: &notes)
            return Exchange(url: url, body: body, decoder: ResponsesDecoder(), isStream: isStream)
        }
        var translation = ChatRequest(request, self, isStream: isStream)
        defer { notes += translation.notes }
        return Exchange(url: url, body: try translation.write(), decoder: ChatDecoder(), isStream: isStream)
    }

    /// Chat Completions has no way to ask for a count.
    var countsTokens: Bool { api == .responses }

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        Exchange(
            url: url + "/input_tokens", body: ResponsesRequest.writeCount(request), decoder: CountDecoder())
    }

    /// A chat upstream names fields that the client may never have sent.
    func clientParam(_ param: String) -> String {
        if api == .responses { return param }
        return switch param {
        case "temperature", "top_p", "tools", "tool_choice", "model", "parallel_tool_calls", "stop", "seed": param
        case "max_tokens", "max_completion_tokens": "max_output_tokens"
        case "response_format": "text.format"
        case "reasoning_effort": "reasoning.effort"
        case _ where param.hasPrefix("messages"): "input"
        default: ""
        }
    }
}
