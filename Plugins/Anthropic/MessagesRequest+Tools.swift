/// Tools and the choice among them.
extension MessagesRequest {
    /// Whether a type of tool is one that Anthropic runs or knows itself: they end in a date, as `bash_20250124`.
    static func takesTool(_ type: String) -> Bool {
        let date = type.utf8.suffix(9)
        return type == "mcp_toolset"
            || (date.count == 9 && date.first == 0x5F && date.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
    }

    /// Whether a call is forced.
    mutating func writeTools(_ tools: RequestTools) -> Bool {
        guard !tools.tools.isEmpty else { return false }
        json.key("tools")
        json.beginArray()
        for tool in tools.tools {
            if tool["type"]?.stringEquals("function") == true { writeFunction(tool) } else { json.value(tool) }
        }
        json.endArray()
        let isSingle = request["parallel_tool_calls"]?.bool == false
        if !tools.isChosen, !isSingle { return false }
        var (isForced, isAsked) = (false, true)
        json.key("tool_choice")
        json.beginObject()
        switch tools.choice {
        case .auto: json.member("type", literal: "auto")
        case .none:
            json.member("type", literal: "none")
            isAsked = false
        case .required:
            json.member("type", literal: "any")
            isForced = true
        case .function(let name):
            json.member("type", literal: "tool")
            json.member("name", name)
            isForced = true
        }
        if isSingle, isAsked { json.member("disable_parallel_tool_use", true) }
        json.endObject()
        return isForced
    }

    private mutating func writeFunction(_ tool: JSONValue) {
        json.beginObject()
        for member in tool.members where !member.value.isNull {
            switch member.key {
            case "type", "parameters": break
            case "strict": if member.value.bool == true { json.member("strict", true) }
            case let key where Self.toolFields.contains(key):
                json.key(key)
                json.value(member.value)
            case let key: leftOut.hint("\(key) of a tool")
            }
        }
        json.key("input_schema")
        if let schema = tool["parameters"]?.present, schema.has("type") {
            json.value(schema)
        } else {
            json.object { json in
                json.member("type", literal: "object")
                tool["parameters"]?.writeMembers(to: &json, except: [])
            }
        }
        json.endObject()
    }

    private static let toolFields: Set<String> = [
        "name", "description", "cache_control", "eager_input_streaming", "allowed_callers", "defer_loading",
        "input_examples",
    ]
}
