import PatchbayJSON
import PatchbayModel

/// `messages` as items of the hub. An assistant's message becomes its reasoning, its text and its calls, in this order.
struct ChatMessages {
    private(set) var items: [Item] = []
    /// For each item, the number of the message that it came from.
    private(set) var places: [Int] = []
    private var ids = IdentifierSeries()
    /// The ids of the calls of custom tools so far.
    private var customCalls: Set<String> = []

    init(_ fields: FieldReader) throws(GatewayError) {
        guard let list = try fields.array("messages") else { throw fields.missing("messages") }
        guard list.count > 0 else {
            throw .invalid("Invalid 'messages': empty. Expected at least one.", param: "messages", code: "empty_array")
        }
        for (index, value) in list.elements.enumerated() {
            let place = Place.body.member("messages").element(index)
            guard value.kind == .object else {
                throw .invalid(
                    "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                    param: place.path, code: "invalid_type")
            }
            try read(FieldReader(value, at: place))
            places += Array(repeating: index, count: items.count - places.count)
        }
        guard !items.isEmpty else {
            throw .invalid("Invalid 'messages': none has any content.", param: "messages", code: "empty_array")
        }
    }

    private mutating func read(_ message: FieldReader) throws(GatewayError) {
        switch try message.requiredString("role", maxLength: 64) {
        case let role where role == "system" || role == "developer" || role == "user":
            guard message.present("content") != nil else { throw message.missing("content") }
            let parts = try ChatParts(message, takes: role == "user" ? .anything : .text)
            try append(message, role: role, parts)
        case "assistant": try readAssistant(message)
        case "tool": try readResult(message)
        case "function":
            throw .invalid(
                "Unsupported value 'function' for '\(message.path("role"))'. It was replaced by 'tool', with a 'tool_call_id'.",
                param: message.path("role"), code: "unsupported_parameter")
        case let role:
            throw .invalid(
                "Invalid value '\(role)' for '\(message.path("role"))'. Supported values are: 'system', 'developer', 'user', 'assistant' and 'tool'.",
                param: message.path("role"), code: "invalid_value")
        }
    }

    private mutating func append(_ message: FieldReader, role: String, _ parts: ChatParts) throws(GatewayError) {
        let name = try message.string("name", maxLength: 64)
        add(.message(role: role)) { json in
            json.member("type", literal: "message")
            json.member("role", role)
            if let name { json.member("name", name) }
            json.key("content")
            json.raw(parts.json)
        }
    }

    private mutating func readAssistant(_ message: FieldReader) throws(GatewayError) {
        for (name, advice) in [
            ("function_call", "It was replaced by 'tool_calls'."), ("audio", "Messages with audio can't be carried."),
        ] as [(StaticString, String)] where message.present(name) != nil {
            throw .invalid(
                "Unsupported parameter: '\(message.path(name))'. \(advice)", param: message.path(name),
                code: "unsupported_parameter")
        }
        try readReasoning(message)
        let calls = try message.array("tool_calls")
        let parts = try ChatParts(message, takes: .answer)
        if !parts.isEmpty {
            try append(message, role: "assistant", parts)
        } else if calls == nil || calls?.count == 0, message.present("content") == nil {
            throw message.missing("content")
        }
        for (index, value) in (calls?.elements.enumerated().map { $0 } ?? []) {
            try readCall(value, at: message.place.member("tool_calls").element(index))
        }
    }

    /// With what its provider wants back, if the client has kept that; and the text, where the text isn't there too.
    private mutating func readReasoning(_ message: FieldReader) throws(GatewayError) {
        var reasoning = try ChatReasoning.items(message)
        for name in ["reasoning_content", "reasoning"] as [StaticString]
        where !reasoning.contains(where: { !$0.content.isEmpty || !$0.summary.isEmpty }) {
            guard let text = try message.string(name, maxLength: .max), !text.isEmpty else { continue }
            reasoning.insert(OutputItem.Reasoning(id: "", content: [text]), at: 0)
        }
        for item in reasoning {
            items.append(Item(kind: .reasoning, id: ids.next(for: .reasoning), body: ChatReasoning.body(of: item)))
        }
    }

    private mutating func readCall(_ value: JSONValue, at place: Place) throws(GatewayError) {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path, code: "invalid_type")
        }
        let call = FieldReader(value, at: place)
        let id = try call.requiredString("id", maxLength: 256)
        let type = try call.string("type", maxLength: 64) ?? "function"
        switch type {
        case "function":
            guard let function = try call.object("function") else { throw call.missing("function") }
            let name = try function.requiredString("name", maxLength: 128)
            guard try function.hasString("arguments") else { throw function.missing("arguments") }
            add(.functionCall, callID: id) { json in
                json.member("type", literal: "function_call")
                json.member("call_id", id)
                json.member("name", name)
                json.member("arguments", function.value["arguments"])
            }
        case "custom":
            guard let custom = try call.object("custom") else { throw call.missing("custom") }
            let name = try custom.requiredString("name", maxLength: 128)
            guard try custom.hasString("input") else { throw custom.missing("input") }
            customCalls.insert(id)
            add(.other(type: "custom_tool_call"), callID: id) { json in
                json.member("type", literal: "custom_tool_call")
                json.member("call_id", id)
                json.member("name", name)
                json.member("input", custom.value["input"])
            }
        default:
            throw .invalid(
                "Invalid value '\(type)' for '\(call.path("type"))'. Supported values are: 'function' and 'custom'.",
                param: call.path("type"), code: "invalid_value")
        }
    }

    /// The result of a call. Whose it is, a function's or a custom tool's, the call before says.
    private mutating func readResult(_ message: FieldReader) throws(GatewayError) {
        let id = try message.requiredString("tool_call_id", maxLength: 256)
        guard message.present("content") != nil else { throw message.missing("content") }
        let parts = try ChatParts(message, takes: .text)
        let isCustom = customCalls.contains(id)
        add(isCustom ? .other(type: "custom_tool_call_output") : .functionCallOutput, callID: id) { json in
            json.member("type", literal: isCustom ? "custom_tool_call_output" : "function_call_output")
            json.member("call_id", id)
            json.key("output")
            // A string stays one: the simplest providers take nothing else.
            if let text = message.present("content"), text.kind == .string {
                json.value(text)
            } else {
                json.raw(parts.json)
            }
        }
    }

    private mutating func add(_ kind: Item.Kind, callID: String? = nil, _ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object(write)
        items.append(Item(kind: kind, id: ids.next(for: kind), callID: callID, body: json.bytes))
    }
}
