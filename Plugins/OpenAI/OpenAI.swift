/// This module's translator.
typealias Plugin = OpenAI

/// Any upstream that speaks one of OpenAI's two APIs. One instance's configuration, and who translates by it.
final class OpenAI: Translator {
    static let id: StaticString = "patchbay.openai"
    static let summary: StaticString = "Any OpenAI-compatible upstream, by its Responses or Chat Completions API"

    /// Which of the two APIs the upstream speaks.
    enum API: String, CaseIterable { case responses, chatCompletions = "chat_completions" }

    /// The chat API's bound: older servers know only `max_tokens`.
    enum MaxTokens: String, CaseIterable { case new = "max_completion_tokens", old = "max_tokens" }

    let upstream: Upstream
    let api: API
    let dialect: Dialect
    let maxTokensField: MaxTokens
    /// What a request may have beside what the translation makes.
    let fields: Set<String>
    /// Where answers are asked for; an Azure deployment's name stands between the two.
    private let address: (head: String, tail: String)

    init(_ config: JSONValue) throws(Failure) {
        var upstream = Upstream(baseURL: "")
        var (api, name) = (API.chatCompletions, Dialect.Name.openai)
        var (version, field, headers): (String?, MaxTokens?, [(name: String, value: String)]) = (nil, nil, [])
        let own = ["api", "dialect", "api_version", "organization", "project", "max_tokens_field"]
        try upstream.read(config, own: own) { key, value throws(Failure) in
            switch key {
            case "api": api = try value.configChoice(key, API.self)
            case "dialect": name = try value.configChoice(key, Dialect.Name.self)
            case "api_version": version = try value.configHeader(key)
            case "organization", "project": headers.append(("openai-" + key, try value.configHeader(key)))
            case "max_tokens_field": field = try value.configChoice(key, MaxTokens.self)
            default: return false
            }
            return true
        }
        (self.api, dialect) = (api, Dialect(name))
        upstream.headers = headers + upstream.headers
        try upstream.settle(dialect.baseURL, "dialect \(name.rawValue) needs a base_url")
        maxTokensField = field ?? dialect.maxTokensField
        fields = api == .responses ? dialect.responsesFields : dialect.chatFields
        if name == .azure {
            try upstream.authorize("api-key")
            address = Self.azure(upstream.baseURL, api, version)
        } else {
            guard version == nil else { throw .invalid("api_version", "api_version is for dialect azure alone") }
            try upstream.authorize("authorization", prefix: "Bearer ")
            address = (upstream.baseURL + Self.path(api), "")
        }
        self.upstream = upstream
    }

    private static func path(_ api: API) -> String { api == .responses ? "/responses" : "/chat/completions" }

    /// Without a version it is Azure's API «v1», whose addresses are OpenAI's; with one, chat completions are asked of a
    /// deployment, whose name is the model's.
    private static func azure(_ base: String, _ api: API, _ version: String?) -> (head: String, tail: String) {
        var base = base
        for suffix in ["/v1", "/openai"] where base.hasSuffix(suffix) { base.removeLast(suffix.count) }
        guard let version else { return (base + "/openai/v1" + path(api), "") }
        let query = "?api-version=" + version.percentEncoded
        if api == .responses { return (base + "/openai/responses", query) }
        return (base + "/openai/deployments/", path(api) + query)
    }

    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange {
        if api == .responses {
            var translation = ResponsesRequest(request, self)
            defer { notes += translation.leftOut.notes }
            let (url, body) = (address.head + address.tail, try translation.write(isStream: isStream))
            return Exchange(url: url, body: body, decoder: ResponsesDecoder(), isStream: isStream)
        }
        var translation = ChatRequest(request, self, isStream: isStream)
        defer { notes += translation.leftOut.notes }
        let deployment = address.tail.isEmpty ? "" : (request["model"]?.string ?? "").percentEncoded
        let (url, body) = (address.head + deployment + address.tail, try translation.write())
        return Exchange(url: url, body: body, decoder: ChatDecoder(), isStream: isStream)
    }

    /// Chat Completions has no way to ask for a count.
    var countsTokens: Bool { api == .responses }

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        var translation = ResponsesRequest(request, self)
        let url = address.head + "/input_tokens" + address.tail
        return Exchange(url: url, body: try translation.write(isStream: nil), decoder: CountDecoder())
    }

    /// A chat upstream names fields that the client may never have sent.
    func clientParam(_ param: String) -> String {
        let known = ["tools", "tool_choice", "model", "parallel_tool_calls"]
        if api == .responses || fields.contains(param) || known.contains(param) { return param }
        return switch param {
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
