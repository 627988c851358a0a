import PatchbayJSON
import PatchbayModel

/// `system` and `messages` as items of the hub. What is marked with `cache_control` keeps the mark. A block that only
/// Anthropic's models know is carried whole, as `anthropic:` and its type.
struct MessagesContent {
    private(set) var items: [Item] = []
    /// For each item, its path.
    private(set) var places: [String] = []
    private var ids = IdentifierSeries()
    /// The parts of the message that is being put together.
    private var parts = JSONWriter()
    private var partCount = 0

    init(_ fields: FieldReader) throws(GatewayError) {
        if let system = fields.present("system") {
            begin()
            try readText(system, fields, "system")
            end(role: "system", "system")
        }
        guard let list = try fields.array("messages") else { throw fields.missing("messages") }
        guard list.count > 0 else {
            throw .invalid("Invalid 'messages': empty. Expected at least one.", param: "messages", code: "empty_array")
        }
        let before = items.count
        for (index, value) in list.elements.enumerated() {
            let place = Place.body.member("messages").element(index)
            guard value.kind == .object else {
                throw .invalid(
                    "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                    param: place.path, code: "invalid_type")
            }
            try read(FieldReader(value, at: place))
        }
        guard items.count > before else {
            throw .invalid("Invalid 'messages': none has any content.", param: "messages", code: "empty_array")
        }
    }

    private mutating func read(_ message: FieldReader) throws(GatewayError) {
        let role = try message.requiredString("role", maxLength: 64)
        guard ["user", "assistant", "system"].contains(role) else {
            throw .invalid(
                "Invalid value '\(role)' for '\(message.path("role"))'. Supported values are: 'user', 'assistant' and 'system'.",
                param: message.path("role"), code: "invalid_value")
        }
        guard let content = message.present("content") else { throw message.missing("content") }
        begin()
        if role == "system" || content.kind == .string {
            try readText(content, message, "content", isOutput: role == "assistant")
        } else {
            guard content.kind == .array else {
                throw message.wrongType("content", expected: "a string or an array of blocks", found: content)
            }
            for (index, value) in content.elements.enumerated() {
                let place = message.place.member("content").element(index)
                let block = try MessagesBlock(value, at: place)
                if let item = try block.item(of: role) {
                    end(role: role, place.path)
                    add(item, place.path)
                    begin()
                } else {
                    try block.writePart(of: role, to: &parts)
                    partCount += 1
                }
            }
        }
        end(role: role, message.place.path)
    }

    /// A text, or an array of text blocks.
    private mutating func readText(
        _ content: JSONValue, _ fields: FieldReader, _ name: StaticString, isOutput: Bool = false
    ) throws(GatewayError) {
        if content.kind == .string {
            guard content.count > 0 || !isOutput else { return }
            MessagesBlock.write(text: content, isOutput: isOutput, of: nil, to: &parts)
            partCount += 1
            return
        }
        guard content.kind == .array else {
            throw fields.wrongType(name, expected: "a string or an array of text blocks", found: content)
        }
        for (index, value) in content.elements.enumerated() {
            let block = try MessagesBlock(value, at: fields.place.member(name).element(index))
            try block.writeText(isOutput: isOutput, to: &parts)
            partCount += 1
        }
    }

    private mutating func begin() {
        parts = JSONWriter()
        parts.beginArray()
        partCount = 0
    }

    /// Makes a message of the parts, if there are any.
    private mutating func end(role: String, _ place: String) {
        guard partCount > 0 else { return }
        parts.endArray()
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "message")
            json.member("role", role)
            json.key("content")
            json.raw(parts.bytes)
        }
        add(Item(kind: .message(role: role), id: nil, body: json.bytes), place)
    }

    private mutating func add(_ item: Item, _ place: String) {
        var item = item
        item.id = ids.next(for: item.kind)
        items.append(item)
        places.append(place)
    }
}
