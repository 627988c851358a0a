import PatchbayJSON
import PatchbayModel

/// Reading `input`: a string, or items. What is malformed is refused by its path; what this version doesn't interpret
/// is kept as it came.
enum ResponsesItems {
    /// Item types that are carried without a look inside; besides them, any `vendor:type`. From the `openai` package
    /// 3.51.0, `ResponseInputItemParam`.
    private static let carried: Set<String> = [
        "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "compaction",
        "compaction_trigger", "computer_call", "computer_call_output", "configuration_update", "custom_tool_call",
        "custom_tool_call_output", "file_search_call", "image_generation_call", "local_shell_call",
        "local_shell_call_output", "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools",
        "program", "program_output", "shell_call", "shell_call_output", "tool_search_call", "tool_search_output",
        "web_search_call",
    ]

    static func read(_ input: JSONValue?) throws(GatewayError) -> [Item] {
        guard let input, !input.isNull else { return [] }
        if let text = input.string { return [userMessage(text)] }
        guard input.kind == .array else {
            throw .invalid(
                "Invalid type for 'input': expected a string or an array of items, but got \(input.kind) instead.",
                param: "input", code: "invalid_type")
        }
        return try list(input, at: Place.body.member("input"))
    }

    /// Reads an array of items, which stands at `place`.
    static func list(_ array: JSONValue, at place: Place) throws(GatewayError) -> [Item] {
        var items: [Item] = []
        items.reserveCapacity(array.count)
        var ids = IdentifierSeries()
        for (index, value) in array.elements.enumerated() {
            var item = try item(value, at: place.element(index))
            if item.id == nil || isMisnamed(item) { item.id = ids.next(for: item.kind) }
            items.append(item)
        }
        return items
    }

    /// A compaction's id tells the lifecycle what it is, whoever made it.
    private static func isMisnamed(_ item: Item) -> Bool {
        item.kind == .other(type: "compaction") && item.id?.hasPrefix("cmp_") == false
    }

    private static func userMessage(_ text: String) -> Item {
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "message")
            json.member("role", literal: "user")
            json.member("content") { $0.array { ResponsesParts.write(text, isOutput: false, to: &$0) } }
        }
        return Item(kind: .message(role: "user"), id: Identifier.message(), body: json.bytes)
    }

    /// The item, without an id where it came without one.
    private static func item(_ value: JSONValue, at place: Place) throws(GatewayError) -> Item {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path,
                code: "invalid_type")
        }
        let fields = FieldReader(value, at: place)
        try checkID(fields)
        guard let type = try fields.string("type", maxLength: 128) else {
            if value.has("role") { return try message(value, fields) }
            if value["id"]?.string != nil, value.count <= 2 { return reference(value) }
            throw fields.missing("type")
        }
        switch type {
        case "message": return try message(value, fields)
        case "item_reference":
            _ = try fields.requiredString("id", maxLength: 128)
            return reference(value)
        case "function_call":
            _ = try fields.requiredString("call_id", maxLength: 256)
            _ = try fields.requiredString("name", maxLength: 128)
            guard try fields.hasString("arguments") else { throw fields.missing("arguments") }
        case "function_call_output":
            _ = try fields.requiredString("call_id", maxLength: 256)
            guard let output = fields.present("output") else { throw fields.missing("output") }
            if output.kind != .string {
                guard output.kind == .array else {
                    throw fields.wrongType("output", expected: "a string or an array of parts", found: output)
                }
                try ResponsesParts.check(output, at: place.member("output"))
            }
        case "reasoning":
            for name in ["summary", "content"] as [StaticString] {
                if let parts = try fields.array(name) { try ResponsesParts.check(parts, at: place.member(name)) }
            }
            _ = try fields.hasString("encrypted_content")
        case "compaction":
            guard try fields.hasString("encrypted_content") else { throw fields.missing("encrypted_content") }
        default:
            guard carried.contains(type) || type.isVendorType else {
                throw .invalid(
                    "Invalid value '\(type)' for '\(fields.path("type"))': no such item type. Use one of the Responses API's, or 'vendor:type'.",
                    param: fields.path("type"), code: "invalid_value")
            }
        }
        guard let item = Item(value) else { throw fields.missing("type") }
        return item
    }

    /// A message, its content always a list of parts. One that has them and no id is kept as it came.
    private static func message(_ value: JSONValue, _ fields: FieldReader) throws(GatewayError) -> Item {
        let role = try fields.requiredString("role", maxLength: 64)
        switch role {
        case "user", "assistant", "system", "developer": break
        default:
            throw .invalid(
                "Invalid value '\(role)' for '\(fields.path("role"))'. Supported values are: 'user', 'assistant', 'system', 'developer'.",
                param: fields.path("role"), code: "invalid_value")
        }
        guard let content = fields.present("content") else { throw fields.missing("content") }
        guard content.kind == .string || content.kind == .array else {
            throw fields.wrongType("content", expected: "a string or an array of parts", found: content)
        }
        if content.kind == .array {
            let hasText = try ResponsesParts.check(content, at: fields.place.member("content"))
            if !hasText, value["type"]?.stringEquals("message") == true, !value.has("id") {
                return Item(kind: .message(role: role), id: nil, body: Array(value.raw))
            }
        }
        // What is put in the place of what: "type", and around a content that is a string one part.
        var json = JSONWriter(capacity: value.range.count + 80)
        json.beginObject()
        json.member("type", literal: "message")
        for member in value.members {
            if member.keyEquals("id") || member.keyEquals("type") || member.keyEquals("content") { continue }
            json.raw(member.raw)
        }
        json.key("content")
        ResponsesParts.write(content, role: role, to: &json)
        json.endObject()
        return Item(kind: .message(role: role), id: value["id"]?.string, body: json.bytes)
    }

    private static func reference(_ value: JSONValue) -> Item {
        Item(
            kind: .other(type: "item_reference"), id: value["id"]?.string,
            body: Array(#"{"type":"item_reference"}"#.utf8))
    }

    private static func checkID(_ fields: FieldReader) throws(GatewayError) {
        guard let id = try fields.string("id", maxLength: 128) else { return }
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isNameByte || $0 == UInt8(ascii: ".") }) else {
            throw .invalid(
                "Invalid '\(fields.path("id"))': expected 1 to 128 letters, digits, underscores, hyphens and dots.",
                param: fields.path("id"), code: "invalid_value")
        }
    }
}

extension String {
    /// `vendor:type`, both parts there.
    var isVendorType: Bool {
        guard let colon = utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return colon != utf8.startIndex && utf8.index(after: colon) != utf8.endIndex
    }
}
