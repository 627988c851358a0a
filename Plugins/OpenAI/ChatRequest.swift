/// The hub's request as a chat completion. What chat has no place for is refused with its path, or left out with a note
/// for the log where the answer doesn't hang on it. One pass over the request: its time is linear in its size.
struct ChatRequest {
    let request: JSONValue
    let config: OpenAI
    let isStream: Bool
    var json: JSONWriter
    var leftOut: LeftOut
    /// The assistant's turn that is being put together: a text, its reasoning and its calls are one message in chat.
    var turn = AssistantTurn()

    init(_ request: JSONValue, _ config: OpenAI, isStream: Bool) {
        (self.request, self.config, self.isStream, leftOut) = (request, config, isStream, LeftOut(of: request))
        json = JSONWriter(capacity: request.document.bytes.count + 512)
    }

    /// The body of the upstream's request.
    mutating func write() throws(Failure) -> [UInt8] {
        json.beginObject()
        json.copy(["model"], of: request)
        try writeMessages()
        for member in request.members where !member.value.isNull { try writeField(member.key, member.value) }
        try writeTools()
        json.member("stream", isStream)
        if isStream { json.object("stream_options") { $0.member("include_usage", true) } }
        json.endObject()
        return json.bytes
    }

    private mutating func writeField(_ name: String, _ value: JSONValue) throws(Failure) {
        switch name {
        case "model", "input", "instructions", "tools", "tool_choice", "patchbay", "store", "stream": break
        case "max_output_tokens":
            json.key(config.maxTokensField.rawValue)
            json.value(value)
        case "reasoning": if let effort = value["effort"]?.present { writeEffort(effort) }
        case "service_tier" where value.stringEquals("auto") || value.stringEquals("default"): break
        case "include":
            let isWanted = value.elements.contains { $0.stringEquals("message.output_text.logprobs") }
            if isWanted, (request["top_logprobs"]?.int ?? 0) == 0 { json.member("logprobs", true) }
        case "top_logprobs" where (value.int ?? 0) > 0:
            json.member("logprobs", true)
            json.member("top_logprobs", value)
        case "text":
            if let verbosity = value["verbosity"]?.present { try writeField("verbosity", verbosity) }
            if let format = value["format"]?.present { try writeFormat(format) }
        case _ where config.fields.contains(name):
            json.key(name)
            json.value(value)
        default: try leftOut.field(name, value)
        }
    }

    private mutating func writeEffort(_ effort: JSONValue) {
        switch (config.dialect.name, effort.string ?? "") {
        case (.openrouter, _): json.object("reasoning") { $0.member("effort", effort) }
        case (.deepseek, "none"): json.object("thinking") { $0.member("type", literal: "disabled") }
        // It knows four words and refuses others.
        case (.ollama, "minimal"): json.member("reasoning_effort", literal: "low")
        case (.ollama, "xhigh"), (.ollama, "max"): json.member("reasoning_effort", literal: "high")
        default: json.member("reasoning_effort", effort)
        }
    }

    private mutating func writeFormat(_ format: JSONValue) throws(Failure) {
        switch format["type"]?.string {
        case "text": break
        case "json_object": json.object("response_format") { $0.member("type", literal: "json_object") }
        case "json_schema" where config.dialect.takes(.schemas):
            json.object("response_format") { json in
                json.member("type", literal: "json_schema")
                json.object("json_schema") { $0.copy(["name", "description", "schema", "strict"], of: format) }
            }
        default: throw .unsupported("text.format.type", "This model's provider has no such format of text.")
        }
    }

    private mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &leftOut.others)
        let takesChoice = config.dialect.takes(.toolChoice)
        switch tools.choice {
        case .none where !takesChoice: return  // what isn't there isn't called
        case .required where !takesChoice, .function where !takesChoice:
            throw .unsupported("tool_choice", "This model's provider can't be made to call a tool.")
        default: break
        }
        guard !tools.tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in tools.tools { writeTool(tool) }
        json.endArray()
        switch tools.choice {
        case .auto: if tools.isChosen, takesChoice { json.member("tool_choice", literal: "auto") }
        case .none: json.member("tool_choice", literal: "none")
        case .required: json.member("tool_choice", literal: "required")
        case .function(let name):
            json.object("tool_choice") { json in
                json.member("type", literal: "function")
                json.object("function") { $0.member("name", name) }
            }
        }
        if config.dialect.takes(.parallel) { json.copy(["parallel_tool_calls"], of: request) }
    }

    private mutating func writeTool(_ tool: JSONValue) {
        let isStrict = tool["strict"]?.bool == true
        let takesSchemas = config.dialect.takes(.schemas)
        if isStrict, !takesSchemas { leftOut.hint("strict of a tool") }
        json.beginObject()
        json.member("type", literal: "function")
        json.object("function") { json in
            json.copy(["name", "description", "parameters"], of: tool)
            if isStrict, takesSchemas { json.member("strict", true) }
        }
        writeMark(of: tool)
        json.endObject()
    }
}
