/// Tools and the choice among them.
extension GenerateRequest {
    mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &notes)
        guard !tools.tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        json.beginObject()
        json.key("functionDeclarations")
        json.beginArray()
        for tool in tools.tools { try writeTool(tool) }
        json.endArray()
        json.endObject()
        json.endArray()
        switch tools.choice {
        case .auto:
            // What ANY sees to by itself: arguments by the function's schema.
            let isStrict = config.takesJSONSchema && tools.tools.contains { $0["strict"]?.bool == true }
            if isStrict || tools.isChosen { writeMode(isStrict ? "VALIDATED" : "AUTO", only: nil) }
        case .none: writeMode("NONE", only: nil)
        case .required: writeMode("ANY", only: nil)
        case .function(let name): writeMode("ANY", only: name)
        }
    }

    private mutating func writeTool(_ tool: JSONValue) throws(Failure) {
        leftOut.mark(of: tool)
        if tool["strict"]?.bool == true, !config.takesJSONSchema { leftOut.hint("strict of a tool") }
        json.beginObject()
        json.copy(["name", "description"], of: tool)
        if let schema = tool["parameters"]?.present {
            if config.takesJSONSchema {
                json.member("parametersJsonSchema", schema)
            } else if (schema["properties"]?.count ?? 0) > 0 {
                json.key("parameters")
                try OpenAPISchema.write(schema, to: &json, path: "tools.\(tool["name"]?.string ?? "").parameters")
            }
        }
        json.endObject()
    }

    private mutating func writeMode(_ mode: StaticString, only name: JSONValue?) {
        json.object("toolConfig") { json in
            json.object("functionCallingConfig") { json in
                json.member("mode", literal: mode)
                if let name { json.member("allowedFunctionNames") { $0.array { $0.value(name) } } }
            }
        }
    }
}
