/// Tools and the choice among them.
extension ChatRequest {
    mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &notes)
        var choice = tools.choice
        if !dialect.takesToolChoice {
            switch choice {
            case .none: return
            case .auto: break
            default: throw .unsupported("tool_choice", "This model's provider can't be made to call a tool.")
            }
            choice = .auto
        }
        guard !tools.tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in tools.tools { writeTool(tool) }
        json.endArray()
        switch choice {
        case .auto: if tools.isChosen, dialect.takesToolChoice { json.member("tool_choice", literal: "auto") }
        case .none: json.member("tool_choice", literal: "none")
        case .required: json.member("tool_choice", literal: "required")
        case .function(let name):
            json.member("tool_choice") { json in
                json.object { json in
                    json.member("type", literal: "function")
                    json.member("function") { $0.object { $0.member("name", name) } }
                }
            }
        }
        if dialect.takesParallel, let parallel = request["parallel_tool_calls"]?.present {
            json.member("parallel_tool_calls", parallel)
        }
    }

    private mutating func writeTool(_ tool: JSONValue) {
        json.beginObject()
        json.member("type", literal: "function")
        json.key("function")
        json.beginObject()
        for key: StaticString in ["name", "description", "parameters"] {
            if let value = tool[key]?.present { json.member(key, value) }
        }
        if tool["strict"]?.bool == true {
            if dialect.takesSchemas { json.member("strict", true) } else { leftOut.hint("strict of a tool") }
        }
        json.endObject()
        writeMark(of: tool)
        json.endObject()
    }
}
