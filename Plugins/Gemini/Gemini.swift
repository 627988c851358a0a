/// This module's translator.
typealias Plugin = Gemini

/// Google's Gemini API. One instance's configuration, and who translates by it.
struct Gemini: Translator {
    static let id: StaticString = "patchbay.gemini"
    static let summary: StaticString = "Google's Gemini API, by generateContent and streamGenerateContent"

    private(set) var upstream = Upstream(baseURL: "https://generativelanguage.googleapis.com")
    /// How a model's reasoning is set; nil: as its name says.
    let thinking: Thinking?
    /// Whether thoughts are asked for; nil: of a request that speaks of reasoning.
    let includesThoughts: Bool?
    /// Whether schemas go as they are; else in the form of OpenAPI that older versions know.
    let takesJSONSchema: Bool
    /// `safetySettings`, an array in JSON; nil: Google's.
    let safety: [UInt8]?
    /// Where the models are.
    let root: String

    init(_ config: JSONValue) throws(Failure) {
        var (version, thinking, thoughts, schemas) = ("v1beta", Thinking?.none, Bool?.none, Bool?.none)
        var safety: [UInt8]?
        let keys = ["api_version", "thinking", "include_thoughts", "json_schema", "safety"]
        try upstream.read(config, own: keys) { key, value throws(Failure) in
            switch key {
            case "api_version": version = try Self.version(value)
            case "thinking": thinking = try value.configChoice(key, Thinking.self)
            case "include_thoughts": thoughts = try value.configFlag(key)
            case "json_schema": schemas = try value.configFlag(key)
            case "safety": safety = try Safety.settings(value)
            default: return false
            }
            return true
        }
        try upstream.authorize("x-goog-api-key")
        (self.thinking, includesThoughts, self.safety) = (thinking, thoughts, safety)
        takesJSONSchema = schemas ?? (version != "v1")
        root = upstream.baseURL + (version.isEmpty ? "" : "/" + version)
    }

    private static func version(_ value: JSONValue) throws(Failure) -> String {
        let text = try value.configText("api_version")
        guard text.utf8.count <= 20, text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw .invalid("api_version", "api_version must be letters and digits, such as v1beta, or empty")
        }
        return text
    }

    /// `models/NAME`; a tuned model is named with its collection.
    static func resource(_ request: JSONValue) throws(Failure) -> String {
        let name = request["model"]?.string ?? ""
        guard !name.isEmpty else { throw .invalid("model", "a name is missing") }
        for collection in ["models/", "tunedModels/"] where name.hasPrefix(collection) {
            return collection + String(name.dropFirst(collection.count)).percentEncoded
        }
        return "models/" + name.percentEncoded
    }

    func answer(_ request: JSONValue, isStream: Bool, notes: inout [String]) throws(Failure) -> Exchange {
        let method = isStream ? ":streamGenerateContent?alt=sse" : ":generateContent"
        let url = root + "/" + (try Self.resource(request)) + method
        var translation = GenerateRequest(request, self)
        defer { notes += translation.allNotes }
        return Exchange(url: url, body: try translation.write(), decoder: GenerateDecoder(), isStream: isStream)
    }

    let countsTokens = true
    let maxInputs: UInt32? = 100
    var models: [ModelInfo] { KnownModels.gemini }

    func count(_ request: JSONValue, notes: inout [String]) throws(Failure) -> Exchange {
        let resource = try Self.resource(request)
        var translation = GenerateRequest(request, self)
        let body = try translation.writeCount(of: resource)
        return Exchange(url: "\(root)/\(resource):countTokens", body: body, decoder: CountDecoder(key: "totalTokens"))
    }

    /// Google's errors have the place, the reason and the time to wait in details of their own types.
    func refine(_ error: inout UpstreamError, _ value: JSONValue) {
        for detail in (value["details"] ?? value).elements {
            switch detail["@type"]?.string {
            case "type.googleapis.com/google.rpc.RetryInfo":
                let text = detail["retryDelay"]?.string ?? ""  // a duration in seconds: `41.5s`; at most a day
                guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds > 0 else { continue }
                error.retryAfter = Int64(min(seconds * 1000, 86_400_000).rounded(.up))
            case "type.googleapis.com/google.rpc.ErrorInfo":
                if detail["reason"]?.stringEquals("API_KEY_INVALID") == true { error.code = "API_KEY_INVALID" }
            case "type.googleapis.com/google.rpc.QuotaFailure":
                let isDaily = (detail["violations"] ?? detail).elements.contains {
                    $0["quotaId"]?.string?.contains("PerDay") == true
                }
                if isDaily { error.code = "insufficient_quota" }
            case "type.googleapis.com/google.rpc.BadRequest":
                error.param = detail["fieldViolations"]?[0]?["field"]?.string ?? ""
            default: continue
            }
        }
        if error.text.contains("exceeds the maximum number of tokens") { error.code = "context_length_exceeded" }
    }

    /// Google names the places of its own request, in either of two spellings: `generation_config.top_p`.
    func clientParam(_ param: String) -> String {
        let names = param.split(separator: ".").map { $0.prefix { $0 != "[" } }
        let second = Self.plain(names.dropFirst().first ?? "")
        switch Self.plain(names.first ?? "") {
        case "contents": return "input"
        case "requests":
            return second == "outputdimensionality" ? "dimensions" : "input" + ItemPath.index(of: param.dropFirst(8))
        case "systeminstruction": return "instructions"
        case "tools": return "tools"
        case "toolconfig": return "tool_choice"
        case "generationconfig": break
        default: return ""
        }
        return switch second {
        case "temperature", "seed": second
        case "topp": "top_p"
        case "topk": "top_k"
        case "maxoutputtokens": "max_output_tokens"
        case "stopsequences": "stop"
        case "presencepenalty": "presence_penalty"
        case "frequencypenalty": "frequency_penalty"
        case "logprobs", "responselogprobs": "top_logprobs"
        case "responsemimetype", "responseschema", "responsejsonschema": "text.format"
        case "thinkingconfig": "reasoning.effort"
        default: ""
        }
    }

    private static func plain(_ name: Substring) -> String { name.filter { $0 != "_" }.lowercased() }
}
