/// Tools and the choice among them.
extension ChatRequest {
    mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &notes)
        guard !tools.tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in tools.tools { writeTool(tool) }
        json.endArray()
        switch tools.choice {
        case .auto: if tools.isChosen { json.member("tool_choice", literal: "auto") }
        case .none: json.member("tool_choice", literal: "none")
        case .required: json.member("tool_choice", literal: "required")
        case .function(let name):
            json.key("tool_choice")
            json.literal("{\"type\":\"function\",\"function\":{\"name\":")
            json.verbatim(name.raw)
            json.verbatim("}}")
            json.needsComma = true
        }
        if let parallel = request["parallel_tool_calls"]?.present { json.member("parallel_tool_calls", parallel) }
    }

    private mutating func writeTool(_ tool: JSONValue) {
        json.beginObject()
        json.member("type", literal: "function")
        json.key("function")
        json.beginObject()
        for key: StaticString in ["name", "description", "parameters"] {
            if let value = tool[key]?.present { json.member(key, value) }
        }
        if tool["strict"]?.bool == true { json.member("strict", true) }
        json.endObject()
        json.endObject()
    }
}
