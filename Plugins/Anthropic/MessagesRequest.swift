/// The hub's request as one of Anthropic's. What the Messages format has put into the hub comes out as it was; what
/// other clients say is put into Anthropic's words. What the API has no place for is refused with its path, hints are
/// left out and noted for the log. One pass over the request: its time is linear in its size.
struct MessagesRequest {
    enum Purpose { case stream, whole, count }

    let request: JSONValue
    let config: Anthropic
    let purpose: Purpose
    let version: ModelVersion
    var json: JSONWriter
    /// For the operator's log.
    var notes: [String] = []
    var leftOut = LeftOut()
    /// The message that is being put together.
    var turn = Turn()
    /// What the system says in the middle of the conversation, until the user's turn that it follows is over.
    var system = JSONWriter()
    /// Whether the last turn of the assistant calls tools without having thought before.
    var lacksThinking = false

    init(_ request: JSONValue, _ config: Anthropic, purpose: Purpose) {
        (self.request, self.config, self.purpose) = (request, config, purpose)
        version = config.claude ?? ModelVersion(model: request["model"]?.string ?? "")
        json = JSONWriter(capacity: request.document.bytes.count + 512)
    }

    /// What only Anthropic's models know, as the Messages format hands it on.
    private var own: JSONValue? { request["anthropic"]?.present }

    /// The body of the upstream's request.
    mutating func write() throws(Failure) -> [UInt8] {
        json.beginObject()
        if let model = request["model"] { json.member("model", model) }
        try writeConversation()
        let tools = try RequestTools(request, notes: &notes, takes: Self.takesTool)
        try writeThought(isForced: writeTools(tools))
        for member in request.members where !member.value.isNull && purpose != .count {
            try writeField(member.key, member.value)
        }
        try writeOwn()
        writeCache()
        if purpose != .count { json.member("stream", purpose == .stream) }
        json.endObject()
        return json.bytes
    }

    // MARK: Fields

    private mutating func writeField(_ name: String, _ value: JSONValue) throws(Failure) {
        switch name {
        case "model", "input", "instructions", "tools", "tool_choice", "reasoning", "text", "max_output_tokens",
            "anthropic":
            break
        case "temperature":
            guard let number = value.double, number <= 1 else {
                throw .unsupported("temperature", "This model's provider takes a temperature from 0 to 1.")
            }
            json.member("temperature", value)
        case "top_p": json.member("top_p", value)
        case "top_k": json.member("top_k", value)
        case "stop" where value.kind == .string: json.member("stop_sequences") { $0.array { $0.value(value) } }
        case "stop": json.member("stop_sequences", value)
        case "safety_identifier" where request["user"]?.present != nil: break
        case "user", "safety_identifier": json.object("metadata") { $0.member("user_id", value) }
        case "service_tier" where value.stringEquals("auto") || value.stringEquals("default"): break
        case "include":
            if value.elements.contains(where: { $0.stringEquals("message.output_text.logprobs") }) {
                throw .unsupported("include", "This model's provider gives no logprobs.")
            }
        default: try leftOut.field(name, value)
        }
    }

    /// Where nothing is marked for the cache, the upstream is asked to mark the whole.
    private mutating func writeCache() {
        guard config.cache != .none, !request.raw.contains("\"cache_control\"".utf8) else { return }
        json.object("cache_control") { json in
            json.member("type", literal: "ephemeral")
            if config.cache == .long { json.member("ttl", literal: "1h") }
        }
    }

    // MARK: Thinking and form

    private enum Thinking { case unsaid, disabled, adaptive, budget(Int) }

    /// `max_tokens`, `thinking` and `output_config`: a budget of thinking is part of the answer's bound.
    private mutating func writeThought(isForced: Bool) throws(Failure) {
        let thinking = thinking(isForced: isForced)
        if purpose != .count {
            var bound = config.maxTokens
            if case .budget(let budget) = thinking { bound += budget }
            json.member("max_tokens", request["max_output_tokens"]?.int ?? bound)
        }
        switch thinking {
        case .unsaid: if let thinking = own?["thinking"]?.present { json.member("thinking", thinking) }
        case .disabled: json.member("thinking") { $0.literal("{\"type\":\"disabled\"}") }
        case .adaptive: json.member("thinking") { $0.literal("{\"type\":\"adaptive\",\"display\":\"summarized\"}") }
        case .budget(let budget):
            json.object("thinking") { json in
                json.member("type", literal: "enabled")
                json.member("budget_tokens", budget)
            }
        }
        try writeOutputConfig()
    }

    /// The effort that another format asks for; nil where none is asked for, or Anthropic's own words are there.
    private var effort: String? {
        if own?["thinking"]?.present != nil || own?["output_config"]?["effort"]?.present != nil { return nil }
        return request["reasoning"]?["effort"]?.string
    }

    /// An effort as the thinking that this model knows. A call that is forced excludes thinking, and so does, with a
    /// budget, a round of tools that began without.
    private mutating func thinking(isForced: Bool) -> Thinking {
        guard let effort else { return .unsaid }
        if effort == "none" { return version < .thinking ? .unsaid : .disabled }
        if version >= .adaptive { return isForced ? .unsaid : .adaptive }
        let bound = request["max_output_tokens"]?.int
        let wanted =
            switch effort {
            case "minimal", "low": 2048
            case "medium": 8192
            case "high": 16384
            default: 32768
            }
        // At least this much is left for what is said.
        let budget = min(wanted, (bound ?? .max) - 1024)
        if version < .thinking || isForced || lacksThinking || budget < 1024 {
            leftOut.hint("reasoning.effort in this request")
            return .unsaid
        }
        return .budget(budget)
    }

    private mutating func writeOutputConfig() throws(Failure) {
        let (own, text) = (own?["output_config"]?.present, request["text"]?.present)
        var schema: JSONValue?
        switch text?["format"]?["type"]?.string ?? "text" {
        case "text": break
        case "json_schema":
            schema = text?["format"]?["schema"]?.present
            if schema == nil { throw .invalid("text.format.schema", "it is missing") }
        default: throw .unsupported("text.format.type", "This model's provider writes JSON only by a 'json_schema'.")
        }
        if text?["verbosity"]?.present != nil { leftOut.hint("text.verbosity") }
        let effort = version >= .adaptive ? effort.flatMap { $0 == "none" ? nil : $0 == "minimal" ? "low" : $0 } : nil
        guard own != nil || schema != nil || effort != nil else { return }
        json.object("output_config") { json in
            own?.writeMembers(to: &json, except: schema == nil ? [] : ["format"])
            if let effort { json.member("effort", effort) }
            guard let schema else { return }
            json.object("format") { json in
                json.member("type", literal: "json_schema")
                json.member("schema", schema)
            }
        }
    }

    // MARK: Anthropic's own

    /// The rest of `anthropic`. A count refuses fields that have no say in it.
    private mutating func writeOwn() throws(Failure) {
        guard let own else { return }
        guard own.kind == .object else { throw .invalid("anthropic", "must be an object") }
        for member in own.members where !member.value.isNull {
            let name = member.key
            if Self.taken.contains(name) {
                throw .invalid("anthropic.\(name.prefix(60))", "the request itself has a field for this")
            }
            if name == "thinking" || name == "output_config" { continue }
            if purpose == .count, !Self.counted.contains(name) { continue }
            json.key(name)
            json.value(member.value)
        }
    }

    private static let taken: Set<String> = [
        "model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences",
        "tools",
        "tool_choice", "metadata",
    ]
    private static let counted: Set<String> = ["cache_control", "context_management", "mcp_servers", "speed"]
}
