/// Tools and the choice among them.
extension ChatRequest {
    mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &notes)
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
