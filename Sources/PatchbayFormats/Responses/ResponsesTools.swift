import PatchbayJSON
import PatchbayModel
import PatchbaySchema

/// The tools that a request offers, and the choice among them, their form checked. Whether the tools of the choice are
/// there is the lifecycle's question, which knows the server's own.
struct ResponsesTools {
    let tools: [Tool]

    init(_ root: JSONValue) throws(GatewayError) {
        let fields = FieldReader(root)
        var tools: [Tool] = []
        if let list = try fields.array("tools") {
            for (index, value) in list.elements.enumerated() {
                tools.append(try Self.tool(value, at: Place.body.member("tools").element(index)))
            }
        }
        self.tools = tools
        if let choice = fields.present("tool_choice") { try Self.checkChoice(choice) }
    }

    private static func tool(_ value: JSONValue, at place: Place) throws(GatewayError) -> Tool {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path,
                code: "invalid_type")
        }
        let tool = FieldReader(value, at: place)
        let type = try tool.requiredString("type", maxLength: 128)
        guard type == "function" else { return Tool(type: type, name: value["name"]?.string) }
        try tool.checkName("name")
        let parameters = try tool.object("parameters")
        if try tool.bool("strict") == true, let parameters {
            try parameters.checkStrict("function '\(value["name"]?.string ?? "")'", code: "invalid_function_parameters")
        }
        _ = try tool.hasString("description")
        return Tool(type: type, name: value["name"]?.string)
    }

    private static func checkChoice(_ choice: JSONValue) throws(GatewayError) {
        if let mode = choice.string {
            guard ["none", "auto", "required"].contains(mode) else {
                throw .invalid(
                    "Invalid value '\(mode.prefix(64))' for 'tool_choice'. Supported values are: 'none', 'auto', 'required', or an object.",
                    param: "tool_choice", code: "invalid_value")
            }
            return
        }
        guard choice.kind == .object else {
            throw .invalid(
                "Invalid type for 'tool_choice': expected a string or an object, but got \(choice.kind) instead.",
                param: "tool_choice", code: "invalid_type")
        }
        let fields = FieldReader(choice, at: Place.body.member("tool_choice"))
        switch try fields.requiredString("type", maxLength: 128) {
        case "allowed_tools":
            try fields.check("mode", oneOf: ["auto", "required"])
            guard let list = try fields.array("tools") else { throw fields.missing("tools") }
            guard (1...128).contains(list.count) else {
                throw .invalid(
                    "Invalid 'tool_choice.tools': \(list.count) tools. Expected 1 to 128.", param: "tool_choice.tools",
                    code: "invalid_value")
            }
            for (index, value) in list.elements.enumerated() {
                try checkEntry(value, at: fields.place.member("tools").element(index))
            }
        case _: try checkEntry(choice, at: fields.place)
        }
    }

    /// A tool that a choice names: by its type, and its name where it has one.
    private static func checkEntry(_ value: JSONValue, at place: Place) throws(GatewayError) {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path, code: "invalid_type")
        }
        let fields = FieldReader(value, at: place)
        let type = try fields.requiredString("type", maxLength: 128)
        let name = try fields.string("name", maxLength: 128)
        if type == "function", name == nil { throw fields.missing("name") }
    }
}
