/// The hub's request as a chat completion. What chat has no place for is refused with its path, so that nothing is lost
/// in silence; hints, tools of kinds that chat doesn't know, and what only another provider can read (encrypted
/// reasoning) are left out and noted for the log. One pass over the request: its time is linear in its size.
struct ChatRequest {
    let request: JSONValue
    let config: OpenAI
    let isStream: Bool
    var json: JSONWriter
    /// For the operator's log.
    var notes: [String] = []
    var leftOut = LeftOut()
    /// The assistant's turn that is being put together: a text, its reasoning and its calls are one message in chat.
    var turn = AssistantTurn()

    init(_ request: JSONValue, _ config: OpenAI, isStream: Bool) {
        (self.request, self.config, self.isStream) = (request, config, isStream)
        json = JSONWriter(capacity: request.document.bytes.count + 512)
    }

    var dialect: Dialect { config.dialect }
    var allNotes: [String] { notes + (leftOut.note.map { [$0] } ?? []) }

    /// The body of the upstream's request.
    mutating func write() throws(Failure) -> [UInt8] {
        json.beginObject()
        if let model = request["model"] { json.member("model", model) }
        try writeMessages()
        for member in request.members where !member.value.isNull { try writeField(member.key, member.value) }
        try writeTools()
        json.member("stream", isStream)
        if isStream {
            json.member("stream_options") { $0.literal("{\"include_usage\":true}") }
        }
        json.endObject()
        return json.bytes
    }

    private mutating func writeField(_ name: String, _ value: JSONValue) throws(Failure) {
        switch name {
        case "model", "input", "instructions", "tools", "tool_choice": break
        case "max_output_tokens": json.key(config.maxTokensField.rawValue); json.value(value)
        case "reasoning": if let effort = value["effort"]?.present { writeEffort(effort) }
        case "service_tier" where value.stringEquals("auto") || value.stringEquals("default"): break
        case "include":
            if value.elements.contains(where: { $0.stringEquals("message.output_text.logprobs") }),
                (request["top_logprobs"]?.int ?? 0) == 0
            {
                json.member("logprobs", true)
            }
        case "top_logprobs" where (value.int ?? 0) > 0:
            json.member("logprobs", true)
            json.member("top_logprobs", value)
        case "text": try writeFormat(value)
        case _ where config.fields.contains(name):
            json.key(name)
            json.value(value)
        default: try leftOut.field(name, value)
        }
    }

    private mutating func writeEffort(_ effort: JSONValue) {
        switch (dialect, effort.string ?? "") {
        case (.openrouter, _): json.member("reasoning") { $0.object { $0.member("effort", effort) } }
        case (.deepseek, "none"): json.member("thinking") { $0.literal("{\"type\":\"disabled\"}") }
        // It knows four words and refuses others.
        case (.ollama, "minimal"): json.member("reasoning_effort", literal: "low")
        case (.ollama, "xhigh"), (.ollama, "max"): json.member("reasoning_effort", literal: "high")
        default: json.member("reasoning_effort", effort)
        }
    }

    private mutating func writeFormat(_ text: JSONValue) throws(Failure) {
        if let verbosity = text["verbosity"]?.present {
            if dialect.takesVerbosity { json.member("verbosity", verbosity) } else { leftOut.hint("text.verbosity") }
        }
        guard let format = text["format"]?.present else { return }
        switch format["type"]?.string {
        case "text": break
        case "json_object": json.member("response_format") { $0.literal("{\"type\":\"json_object\"}") }
        case "json_schema" where dialect.takesSchemas:
            json.member("response_format") { json in
                json.object { json in
                    json.member("type", literal: "json_schema")
                    json.member("json_schema") { json in
                        json.object { json in
                            for member in format.members where !member.keyEquals("type") && !member.value.isNull {
                                json.key(member.key)
                                json.value(member.value)
                            }
                        }
                    }
                }
            }
        default: throw .unsupported("text.format.type", "This model's provider has no such format of text.")
        }
    }
}
