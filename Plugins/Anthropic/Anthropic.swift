/// This module's translator.
typealias Plugin = Anthropic

/// Anthropic's Messages API, or another server that speaks it. One instance's configuration, and who translates by it.
struct Anthropic: Translator {
    static let id: StaticString = "patchbay.anthropic"
    static let summary: StaticString = "Any upstream that speaks Anthropic's Messages API"

    /// How long the upstream is asked to keep a prompt that no client has marked.
    enum Cache: String, CaseIterable, Sendable { case none, short = "5m", long = "1h" }

    private(set) var upstream = Upstream(baseURL: "https://api.anthropic.com/v1")
    /// The bound of an answer where the request has none: the API must have one.
    private(set) var maxTokens = 8192
    private(set) var cache = Cache.none
    /// What is known of all models of this deployment; nil: each model's name tells.
    private(set) var claude: ModelVersion?
    private let url: String

    init(_ config: JSONValue) throws(Failure) {
        var (maxTokens, cache, claude) = (maxTokens, cache, claude)
        var own = [("anthropic-version", "2023-06-01")]
        let keys = ["version", "beta", "max_tokens", "cache", "claude"]
        try upstream.read(config, own: keys) { key, value throws(Failure) in
            switch key {
            case "version": own[0].1 = try value.configHeader(key)
            case "beta": own.append(("anthropic-beta", try value.configHeader(key)))
            case "max_tokens": maxTokens = try value.configCount(key, of: "tokens", upTo: 10_000_000)
            case "cache": cache = try value.configChoice(key, Cache.self)
            case "claude": claude = ModelVersion(model: "claude-" + (try value.configText(key)))
            default: return false
            }
            return true
        }
        for header in own where !upstream.headers.contains(where: { $0.name == header.0 }) {
            upstream.headers.append(header)
        }
        try upstream.authorize("x-api-key")
        (self.maxTokens, self.cache, self.claude) = (maxTokens, cache, claude)
        url = upstream.baseURL + "/messages"
    }

    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange {
        var translation = MessagesRequest(request, self, purpose: isStream ? .stream : .whole)
        defer { notes += translation.notes + translation.leftOut.notes }
        return Exchange(url: url, body: try translation.write(), decoder: MessagesDecoder(), isStream: isStream)
    }

    var models: [ModelInfo] { KnownModels.anthropic }

    let countsTokens = true

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        var translation = MessagesRequest(request, self, purpose: .count)
        return Exchange(url: url + "/count_tokens", body: try translation.write(), decoder: CountDecoder())
    }

    /// The API names a field only in its words: `max_tokens: 9 > 8, which is …`.
    func refine(_ error: inout UpstreamError, _ value: JSONValue) {
        let text = error.text
        let path = text.prefix { $0 != ":" }
        let isPath = path.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_" || $0 == ".") }
        if isPath, path.count < text.count { error.param = String(path) }
        if text.contains("exceed context limit") || text.contains("prompt is too long") {
            error.code = "context_length_exceeded"
        } else if text.contains("credit balance") {
            error.code = "insufficient_quota"
        }
    }

    func clientParam(_ param: String) -> String {
        switch param.prefix(while: { $0 != "." }) {
        case "max_tokens": "max_output_tokens"
        case "stop_sequences": "stop"
        case "messages": "input"
        case "system": "instructions"
        case "metadata": "user"
        case "thinking": "reasoning"
        case "output_config": param.hasPrefix("output_config.format") ? "text.format" : "reasoning"
        case let name:
            ["model", "temperature", "top_p", "top_k", "tools", "tool_choice"].contains(name) ? String(name) : ""
        }
    }
}
