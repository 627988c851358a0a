/// This module's translator.
typealias Plugin = OpenAI

/// Any upstream that speaks one of OpenAI's two APIs. One instance's configuration, and who translates by it.
struct OpenAI: Translator {
    static let id: StaticString = "patchbay.openai"
    static let summary: StaticString = "Any OpenAI-compatible upstream, by its Responses or Chat Completions API"

    /// Which of the two APIs the upstream speaks.
    enum API: String, CaseIterable, Sendable {
        case responses
        case chatCompletions = "chat_completions"
    }

    /// The name of the chat API's bound: older servers know only `max_tokens`.
    enum MaxTokensField: String, CaseIterable, Sendable {
        case maxCompletionTokens = "max_completion_tokens"
        case maxTokens = "max_tokens"
    }

    private(set) var upstream = Upstream(baseURL: "")
    private(set) var api = API.chatCompletions
    private(set) var dialect = Dialect.openai
    let maxTokensField: MaxTokensField
    /// What a request may have beside what the translation makes.
    let fields: Set<String>
    /// Where answers are asked for; an Azure deployment's name stands between the two.
    private let address: (head: String, tail: String)
    private let countURL: String

    private static let keys =
        Upstream.keys + ["api", "dialect", "api_version", "organization", "project", "max_tokens_field"]

    init(_ config: JSONValue) throws(Failure) {
        guard let members = config.object else { throw .invalid("", "config must be a mapping") }
        var version: String?
        var field: MaxTokensField?
        for member in members {
            let (key, value) = (member.key, member.value)
            if try upstream.take(key, value) { continue }
            switch key {
            case "api": api = try value.configChoice(key, API.self)
            case "dialect": dialect = try value.configChoice(key, Dialect.self)
            case "api_version": version = try value.configHeader(key)
            case "organization", "project": upstream.headers.append(("openai-" + key, try value.configHeader(key)))
            case "max_tokens_field": field = try value.configChoice(key, MaxTokensField.self)
            default: throw .invalid(key, "unknown key; allowed are \(Self.keys.joined(separator: ", "))")
            }
        }
        if upstream.baseURL.isEmpty {
            guard let url = dialect.baseURL else {
                throw .invalid("base_url", "dialect \(dialect.rawValue) needs a base_url")
            }
            upstream.baseURL = url
        }
        maxTokensField = field ?? dialect.maxTokensField
        fields = api == .responses ? dialect.responsesFields : dialect.chatFields
        let path = api == .responses ? "/responses" : "/chat/completions"
        if dialect == .azure {
            try upstream.authorize("api-key")
            address = Self.azure(upstream.baseURL, path, version)
        } else {
            guard version == nil else { throw .invalid("api_version", "api_version is for dialect azure alone") }
            try upstream.authorize("authorization", prefix: "Bearer ")
            address = (upstream.baseURL + path, "")
        }
        let query = address.head.firstIndex(of: "?") ?? address.head.endIndex
        countURL = address.head[..<query] + "/input_tokens" + address.head[query...]
    }

    /// Without a version it is Azure's API «v1», whose addresses are OpenAI's; with one, chat completions are asked of a
    /// deployment, whose name is the model's.
    private static func azure(_ base: String, _ path: String, _ version: String?) -> (head: String, tail: String) {
        var base = base
        for suffix in ["/v1", "/openai"] where base.hasSuffix(suffix) { base.removeLast(suffix.count) }
        guard let version else { return (base + "/openai/v1" + path, "") }
        let query = "?api-version=" + version.percentEncoded
        if path == "/responses" { return (base + "/openai" + path + query, "") }
        return (base + "/openai/deployments/", path + query)
    }

    private func url(for request: JSONValue) -> String {
        if address.tail.isEmpty { return address.head }
        return address.head + (request["model"]?.string ?? "").percentEncoded + address.tail
    }

    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange {
        if api == .responses {
            var translation = ResponsesRequest(request, self)
            defer { notes += translation.allNotes }
            let body = try translation.write(isStream: isStream)
            return Exchange(url: url(for: request), body: body, decoder: ResponsesDecoder(), isStream: isStream)
        }
        var translation = ChatRequest(request, self, isStream: isStream)
        defer { notes += translation.allNotes }
        let body = try translation.write()
        return Exchange(url: url(for: request), body: body, decoder: ChatDecoder(), isStream: isStream)
    }

    /// Chat Completions has no way to ask for a count.
    var countsTokens: Bool { api == .responses }

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        var translation = ResponsesRequest(request, self)
        return Exchange(url: countURL, body: try translation.writeCount(), decoder: CountDecoder())
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

    /// OpenRouter tells whose error it hands on, in the provider's own words; and refuses by 403 what was flagged.
    func refine(_ error: inout UpstreamError, _ value: JSONValue) {
        guard let metadata = value["metadata"]?.present else { return }
        if let raw = metadata["raw"]?.string { error.text += ": \(raw)" }
        if let name = metadata["provider_name"]?.string { error.text += " (\(name))" }
        if metadata["reasons"] != nil { error.code = "content_filter" }
    }
}
