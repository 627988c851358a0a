import PatchbayJSON
import PatchbayModel

/// The bodies of `/v1/conversations` and what is below it.
extension ResponsesFormat {
    /// The most items that come in one request.
    static let maxNewItems = 20

    /// What begins a conversation: both may be left out, and so may the body.
    package func newConversation(from body: [UInt8]) throws(GatewayError) -> (items: [Item], metadata: [UInt8]) {
        guard !body.isEmpty else { return ([], Self.noMetadata) }
        let fields = try fields(body)
        let items = try fields.array("items").map { list throws(GatewayError) in try Self.items(list) }
        return (items?.items ?? [], try Self.metadata(fields))
    }

    /// A conversation's new metadata; null empties it.
    package func conversationMetadata(from body: [UInt8]) throws(GatewayError) -> [UInt8] {
        let fields = try fields(body)
        guard fields.value["metadata"] != nil else { throw fields.missing("metadata") }
        return try Self.metadata(fields)
    }

    /// Items to be added; `givenIDs`: some came with an id of the client's.
    package func newItems(from body: [UInt8]) throws(GatewayError) -> (items: [Item], givenIDs: Bool) {
        let fields = try fields(body)
        guard let list = try fields.array("items") else { throw fields.missing("items") }
        guard list.count > 0 else {
            throw .invalid("Invalid 'items': empty.", param: "items", code: "empty_array")
        }
        return try Self.items(list)
    }

    package func body(of conversation: Conversation) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("id", conversation.id)
            json.member("object", literal: "conversation")
            json.member("created_at", conversation.createdAt)
            json.key("metadata")
            json.raw(conversation.metadata)
        }
        return json.bytes
    }

    /// The conversation of this id was deleted.
    package func conversationDeletion(of id: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("id", id)
            json.member("object", literal: "conversation.deleted")
            json.member("deleted", true)
        }
        return json.bytes
    }

    /// A page of a conversation's items.
    package func conversationItems(_ items: [Item], hasMore: Bool) -> [UInt8] {
        itemList(items.map(\.withStatus), hasMore: hasMore)
    }

    /// One item of a conversation.
    package func conversationItem(_ item: Item) -> [UInt8] {
        var json = JSONWriter()
        item.withStatus.write(to: &json)
        return json.bytes
    }

    private static let noMetadata = Array("{}".utf8)

    private func fields(_ body: [UInt8]) throws(GatewayError) -> FieldReader {
        let root = try document(body).root
        return try FieldReader(body: root)
    }

    /// As one JSON object, written anew: what is kept has no more bytes than its texts need.
    private static func metadata(_ fields: FieldReader) throws(GatewayError) -> [UInt8] {
        try fields.checkMetadata("metadata")
        guard let metadata = fields.present("metadata") else { return noMetadata }
        var json = JSONWriter()
        json.object { json in
            for member in metadata.members {
                json.key(member.key)
                json.string(member.value.string ?? "")
            }
        }
        return json.bytes
    }

    private static func items(_ list: JSONValue) throws(GatewayError) -> (items: [Item], givenIDs: Bool) {
        guard list.count <= maxNewItems else {
            throw .invalid(
                "Invalid 'items': \(list.count) items. At most \(maxNewItems) can be added at a time.", param: "items",
                code: "array_above_max_length")
        }
        let items = try ResponsesItems.list(list, at: Place.body.member("items"))
        if let index = items.firstIndex(where: { $0.type == "item_reference" }) {
            throw .invalid(
                "Invalid 'items[\(index)]': a conversation takes items, not references to them.",
                param: "items[\(index)]", code: "invalid_value")
        }
        return (items, list.elements.contains { $0["id"]?.string != nil })
    }
}

extension Item {
    /// The item with a `status`, which the client's types ask for where an item is given back. What was stored has the
    /// one it came with; a client's own items came with none, and are complete.
    fileprivate var withStatus: Item {
        switch kind {
        case .message, .functionCall, .functionCallOutput: break
        case .reasoning, .other: return self
        }
        guard let root = (try? JSONParser().parse(body, limits: .stored))?.root, root["status"]?.isNull ?? true else {
            return self
        }
        var json = JSONWriter(capacity: body.count + 24)
        json.object { json in
            for member in root.members where !member.keyEquals("status") { json.raw(member.raw) }
            json.member("status", literal: "completed")
        }
        var item = self
        item.body = json.bytes
        return item
    }
}

extension JSONLimits {
    /// For an item that was stored: it was checked when it came, with the depth that the deployment allows.
    fileprivate static let stored = JSONLimits(
        maxBytes: 256 << 20, maxDepth: 1100, maxValues: 8_000_000, rejectDuplicateKeys: false)
}
