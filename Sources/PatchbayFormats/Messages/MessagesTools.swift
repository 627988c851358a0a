import PatchbayJSON
import PatchbayModel

/// `tools` and `tool_choice`, checked, and as the hub has them. A tool that Anthropic runs itself keeps its shape.
struct MessagesTools {
    private(set) var tools: [Tool] = []
    /// Nil where the request has none.
    private(set) var json: [UInt8]?
    private(set) var choice: [UInt8]?
    private(set) var forbidsParallel = false

    init(_ fields: FieldReader) throws(GatewayError) {
        if let list = try fields.array("tools") {
            var json = JSONWriter()
            json.beginArray()
            for (index, value) in list.elements.enumerated() {
                tools.append(try Self.write(value, at: Place.body.member("tools").element(index), to: &json))
            }
            json.endArray()
            self.json = json.bytes
        }
        if let choice = try fields.object("tool_choice") { try read(choice) }
    }

    private static func write(_ value: JSONValue, at place: Place, to json: inout JSONWriter) throws(GatewayError)
        -> Tool
    {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path, code: "invalid_type")
        }
        let tool = FieldReader(value, at: place)
        if let type = try tool.string("type", maxLength: 128), type != "custom" {
            json.value(value)
            return Tool(type: type, name: value["name"]?.string)
        }
        let name = try tool.requiredString("name", maxLength: 128)
        guard name.utf8.allSatisfy(\.isNameByte) else {
            throw .invalid(
                "Invalid '\(tool.path("name"))': expected letters, digits, underscores and hyphens.",
                param: tool.path("name"), code: "invalid_value")
        }
        _ = try tool.hasString("description")
        guard let schema = try tool.object("input_schema") else { throw tool.missing("input_schema") }
        if try tool.bool("strict") == true {
            try schema.checkStrict("tool '\(name)'", code: "invalid_function_parameters")
        }
        json.object { json in
            json.member("type", literal: "function")
            for member in value.members where !member.keyEquals("type") {
                if member.keyEquals("input_schema") {
                    json.member("parameters", member.value)
                } else {
                    json.raw(member.raw)
                }
            }
        }
        return Tool(type: "function", name: name)
    }

    private mutating func read(_ choice: FieldReader) throws(GatewayError) {
        forbidsParallel = try choice.bool("disable_parallel_tool_use") ?? false
        switch try choice.requiredString("type", maxLength: 64) {
        case "auto": self.choice = Array("\"auto\"".utf8)
        case "none": self.choice = Array("\"none\"".utf8)
        case "any":
            guard !tools.isEmpty else {
                throw .invalid(
                    "Invalid 'tool_choice': there are no tools to choose from.", param: "tool_choice",
                    code: "invalid_value")
            }
            self.choice = Array("\"required\"".utf8)
        case "tool":
            let name = try choice.requiredString("name", maxLength: 128)
            guard let tool = tools.first(where: { $0.name == name }) else {
                throw .invalid(
                    "Tool choice '\(name)' not found in 'tools' parameter.", param: "tool_choice.name",
                    code: "invalid_value")
            }
            var json = JSONWriter()
            json.object { json in
                json.member("type", tool.type)
                json.member("name", name)
            }
            self.choice = json.bytes
        case let type:
            throw .invalid(
                "Invalid value '\(type)' for 'tool_choice.type'. Supported values are: 'auto', 'any', 'tool' and 'none'.",
                param: "tool_choice.type", code: "invalid_value")
        }
    }
}
