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
    /// Where answers and vectors are asked for; an Azure deployment's name stands between the two.
    private let address: (head: String, tail: String)
    let vectors: (head: String, tail: String)
    /// How many inputs one request for vectors may carry; nil: the upstream makes none.
    let maxInputs: UInt32?

    init(_ config: JSONValue) throws(Failure) {
        var upstream = Upstream(baseURL: "")
        var (api, name) = (API.chatCompletions, Dialect.Name.openai)
        var (version, field, headers): (String?, MaxTokens?, [(name: String, value: String)]) = (nil, nil, [])
        var inputs: UInt32?
        let own = ["api", "dialect", "api_version", "organization", "project", "max_tokens_field", "max_inputs"]
        try upstream.read(config, own: own) { key, value throws(Failure) in
            switch key {
            case "api": api = try value.configChoice(key, API.self)
            case "dialect": name = try value.configChoice(key, Dialect.Name.self)
            case "api_version": version = try value.configHeader(key)
            case "organization", "project": headers.append(("openai-" + key, try value.configHeader(key)))
            case "max_tokens_field": field = try value.configChoice(key, MaxTokens.self)
            case "max_inputs": inputs = UInt32(try value.configCount(key, of: "inputs", upTo: 4096))
            default: return false
            }
            return true
        }
        (self.api, dialect) = (api, Dialect(name))
        upstream.headers = headers + upstream.headers
        try upstream.settle(dialect.baseURL, "dialect \(name.rawValue) needs a base_url")
        maxTokensField = field ?? dialect.maxTokensField
        fields = api == .responses ? dialect.responsesFields : dialect.chatFields
        maxInputs = dialect.maxInputs.map { inputs ?? $0 }
        let path = api == .responses ? "/responses" : "/chat/completions"
        if name == .azure {
            try upstream.authorize("api-key")
            address = Self.azure(upstream.baseURL, path, version, ofDeployment: api != .responses)
            vectors = Self.azure(upstream.baseURL, "/embeddings", version, ofDeployment: true)
        } else {
            guard version == nil else { throw .invalid("api_version", "api_version is for dialect azure alone") }
            try upstream.authorize("authorization", prefix: "Bearer ")
            (address, vectors) = ((upstream.baseURL + path, ""), (upstream.baseURL + "/embeddings", ""))
        }
        self.upstream = upstream
    }

    /// What OpenAI serves is known, and that DeepSeek's API is for texts alone. Only Responses tells OpenAI's reasoning.
    var models: [ModelInfo] {
        if dialect.name == .deepseek { return ModelInfo.table("*: text") }
        guard dialect.name == .openai else { return [] }
        return api == .responses ? KnownModels.openAI : KnownModels.openAI.map(\.silent)
    }

    /// Without a version it is Azure's API «v1», whose addresses are OpenAI's; with one, all but responses are asked of
    /// a deployment, whose name is the model's.
    private static func azure(_ base: String, _ path: String, _ version: String?, ofDeployment: Bool)
        -> (head: String, tail: String)
    {
        var base = base
        for suffix in ["/v1", "/openai"] where base.hasSuffix(suffix) { base.removeLast(suffix.count) }
        guard let version else { return (base + "/openai/v1" + path, "") }
        let query = "?api-version=" + version.percentEncoded
        return ofDeployment ? (base + "/openai/deployments/", path + query) : (base + "/openai" + path, query)
    }

    /// Between the two parts of an address that asks a deployment, its name.
    func deployment(_ address: (head: String, tail: String), _ request: JSONValue) -> String {
        let name = address.tail.hasPrefix("/") ? (request["model"]?.string ?? "").percentEncoded : ""
        return address.head + name + address.tail
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
        let (url, body) = (deployment(address, request), try translation.write())
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
        let known = ["tools", "tool_choice", "model", "parallel_tool_calls", "input", "dimensions"]
        if api == .responses || fields.contains(param) || known.contains(param) { return param }
        return switch param {
        case "max_tokens", "max_completion_tokens": "max_output_tokens"
        case "response_format": "text.format"
        case "reasoning_effort": "reasoning.effort"
        case _ where param.hasPrefix("messages"): "input"
        case _ where param.hasPrefix("input["): param
        default: ""
        }
    }

    /// OpenRouter tells whose error it hands on, in the provider's own words; and refuses by 403 what was flagged.
    /// Of vectors some servers say only in words what is wrong; llama.cpp's takes a long input for a fault of its own.
    func refine(_ error: inout UpstreamError, _ value: JSONValue) {
        if error.purpose == .embedding {
            let isLong = ["is too large to process", "input length exceeds"].contains { error.text.contains($0) }
            if isLong { error.code = "context_length_exceeded" }
            let isLength = ["specifying dimensions", "matryoshka"].contains { error.text.contains($0) }
            if error.param.isEmpty, isLength { error.param = "dimensions" }
        }
        guard let metadata = value["metadata"]?.present else { return }
        if let raw = metadata["raw"]?.string { error.text += ": \(raw)" }
        if let name = metadata["provider_name"]?.string { error.text += " (\(name))" }
        if metadata["reasons"] != nil { error.code = "content_filter" }
    }
}
