/// Tools and the choice among them.
extension ChatRequest {
    private enum Choice { case auto, none, required, function(JSONValue) }

    mutating func writeTools() throws(Failure) {
        let (choice, allowed) = try choice()
        var written: Set<String> = []
        var hasTools = false
        for (index, tool) in (request["tools"] ?? request).elements.enumerated() {
            guard tool["type"]?.stringEquals("function") == true, let name = tool["name"]?.string else {
                let type = tool["type"]?.string ?? "none"
                notes.append(
                    "tools[\(index)] of type \(type.prefix(60)) was left out: this provider takes functions only")
                continue
            }
            if let allowed, !allowed.contains(name) { continue }
            if !hasTools {
                json.key("tools")
                json.beginArray()
                hasTools = true
            }
            written.insert(name)
            writeTool(tool)
        }
        if hasTools { json.endArray() }

        switch choice {
        case .auto, .none: break
        case .required:
            guard hasTools else {
                throw .unsupported("tool_choice", "No tool of this request is one that the model's provider can take.")
            }
        case .function(let name):
            guard written.contains(name.string ?? "") else {
                throw .invalid("tool_choice", "tool_choice names a function that is not among the tools")
            }
        }
        guard hasTools else { return }
        switch choice {
        case .auto: if request["tool_choice"]?.present != nil { json.member("tool_choice", literal: "auto") }
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

    /// The choice, and the names that it allows; nil: all. `allowed_tools` is OpenAI's alone, fewer tools are
    /// everyone's.
    private func choice() throws(Failure) -> (Choice, Set<String>?) {
        guard let value = request["tool_choice"]?.present else { return (.auto, nil) }
        switch value.string ?? value["type"]?.string {
        case "auto": return (.auto, nil)
        case "none": return (.none, nil)
        case "required": return (.required, nil)
        case "function":
            guard let name = value["name"], name.kind == .string else {
                throw .invalid("tool_choice.name", "a string is missing")
            }
            return (.function(name), nil)
        case "allowed_tools":
            let names = (value["tools"] ?? value).elements.compactMap { $0["name"]?.string }
            let isRequired = value["mode"]?.stringEquals("required") == true
            return (isRequired ? .required : .auto, Set(names))
        case let type:
            throw .unsupported(
                "tool_choice",
                "This model's provider can't be made to use '\((type ?? "").prefix(60))': it takes functions only.")
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
        if tool["strict"]?.bool == true { json.member("strict", true) }
        json.endObject()
        json.endObject()
    }
}
