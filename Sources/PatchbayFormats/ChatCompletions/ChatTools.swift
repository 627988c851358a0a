import PatchbayJSON
import PatchbayModel

/// `tools` and `tool_choice`, checked, and as the hub has them: without the object around a function's description.
struct ChatTools {
    private(set) var tools: [Tool] = []
    /// Nil where the request has none.
    private(set) var json: [UInt8]?
    private(set) var choice: [UInt8]?

    init(_ fields: FieldReader) throws(GatewayError) {
        if let list = try fields.array("tools") {
            var json = JSONWriter()
            json.beginArray()
            for (index, value) in list.elements.enumerated() {
                let place = Place.body.member("tools").element(index)
                tools.append(try Self.write(value, at: place, to: &json))
            }
            json.endArray()
            self.json = json.bytes
        }
        if let choice = fields.present("tool_choice") { self.choice = try read(choice, fields) }
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
        let type = try tool.requiredString("type", maxLength: 128)
        let inner: FieldReader
        switch type {
        case "function":
            guard let function = try tool.object("function") else { throw tool.missing("function") }
            try function.checkName("name")
            _ = try function.hasString("description")
            let parameters = try function.object("parameters")
            if try function.bool("strict") == true, let parameters {
                try parameters.checkStrict(
                    "function '\(function.value["name"]?.string ?? "")'", code: "invalid_function_parameters")
            }
            inner = function
        case "custom":
            guard let custom = try tool.object("custom") else { throw tool.missing("custom") }
            try custom.checkName("name")
            inner = custom
        default:
            throw .invalid(
                "Invalid value '\(type)' for '\(tool.path("type"))'. Supported values are: 'function' and 'custom'.",
                param: tool.path("type"), code: "invalid_value")
        }
        json.object { json in
            json.member("type", type)
            for member in inner.value.members where !member.keyEquals("type") { json.raw(member.raw) }
        }
        return Tool(type: type, name: inner.value["name"]?.string)
    }

    private func read(_ choice: JSONValue, _ fields: FieldReader) throws(GatewayError) -> [UInt8] {
        if let mode = choice.string {
            guard ["none", "auto", "required"].contains(mode) else {
                throw .invalid(
                    "Invalid value '\(mode.prefix(64))' for 'tool_choice'. Supported values are: 'none', 'auto', 'required', or an object.",
                    param: "tool_choice", code: "invalid_value")
            }
            if mode == "required", tools.isEmpty { throw unknown("required", "tool_choice") }
            return Array(choice.raw)
        }
        guard choice.kind == .object else {
            throw fields.wrongType("tool_choice", expected: "a string or an object", found: choice)
        }
        let reader = FieldReader(choice, at: Place.body.member("tool_choice"))
        guard try reader.requiredString("type", maxLength: 128) == "allowed_tools" else { return try named(reader) }
        guard let allowed = try reader.object("allowed_tools") else { throw reader.missing("allowed_tools") }
        try allowed.check("mode", oneOf: ["auto", "required"])
        guard let list = try allowed.array("tools"), list.count > 0 else { throw allowed.missing("tools") }
        var names: [[UInt8]] = []
        for (index, value) in list.elements.enumerated() {
            names.append(try named(FieldReader(value, at: allowed.place.member("tools").element(index))))
        }
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "allowed_tools")
            if let mode = allowed.present("mode") { json.member("mode", mode) }
            json.member("tools") { json in
                json.array { json in
                    for name in names { json.raw(name) }
                }
            }
        }
        return json.bytes
    }

    /// `{"type": "function", "function": {"name"}}` without the object inside, if it names one of the tools.
    private func named(_ choice: FieldReader) throws(GatewayError) -> [UInt8] {
        let type = try choice.requiredString("type", maxLength: 128)
        guard type == "function" || type == "custom" else {
            throw .invalid(
                "Invalid value '\(type)' for '\(choice.path("type"))'. Supported values are: 'function' and 'custom'.",
                param: choice.path("type"), code: "invalid_value")
        }
        let key: StaticString = type == "function" ? "function" : "custom"
        guard let inner = try choice.object(key) else { throw choice.missing(key) }
        let name = try inner.requiredString("name", maxLength: 128)
        guard tools.contains(where: { $0.type == type && $0.name == name }) else {
            throw unknown(name, inner.path("name"))
        }
        var json = JSONWriter()
        json.object { json in
            json.member("type", type)
            json.member("name", name)
        }
        return json.bytes
    }

    private func unknown(_ name: String, _ param: String) -> GatewayError {
        .invalid(
            "Tool choice '\(name.prefix(128))' not found in 'tools' parameter.", param: param, code: "invalid_value")
    }
}
