import PatchbayJSON
import PatchbayModel

/// A conversation as the store has it: a record that is the root of a chain, and that says which record is the chain's
/// end just now, its head. The value is one header line, so that a chain can be walked as any other.
struct ConversationState: Sendable, Hashable {
    /// The version of the stored form.
    private static let form = 1

    let id: String
    /// Unix milliseconds.
    let created: Int64
    /// Unix milliseconds; nil: never.
    var expires: Int64?
    /// One JSON object of strings.
    var metadata: [UInt8]
    /// The id of the newest record.
    var head: String
    /// The records from this one to the head.
    var depth: Int
    /// The bytes of the values and blobs after this record, as a store counts them in a chain.
    var bytes: Int
    /// Of the record that was read.
    let version: UInt64

    /// A new one, with the entry that begins it.
    init(id: String, metadata: [UInt8], head: StoredRecord) {
        self.id = id
        self.created = head.created
        self.expires = head.expires
        self.metadata = metadata
        self.head = head.id
        self.depth = 2
        self.bytes = head.byteCount
        self.version = 0
    }

    /// Reads the stored form. Throws `.storage` for a record that isn't one.
    init(_ record: StoredRecord) throws(GatewayError) {
        var lines = TurnLines(record)
        guard let line = try lines.next(), line.tag == .header,
            let root = (try? JSONParser().parse(line.json, limits: .history))?.root, let form = root["v"]?.int
        else { throw TurnLines.damaged("a conversation without a header") }
        guard form <= Self.form else { throw TurnLines.damaged("version \(form) is newer than this server") }
        guard let metadata = root["metadata"], let head = root["head"]?.string, let depth = root["depth"]?.int,
            let bytes = root["bytes"]?.int
        else { throw TurnLines.damaged("a conversation with something missing") }
        id = record.id
        created = record.created
        expires = record.expires
        self.metadata = Array(metadata.raw)
        self.head = head
        self.depth = depth
        self.bytes = bytes
        version = record.version
    }

    var record: StoredRecord {
        var json = JSONWriter()
        json.object { json in
            json.member("v", Self.form)
            json.member("head", head)
            json.member("depth", depth)
            json.member("bytes", bytes)
            json.key("metadata")
            json.raw(metadata)
        }
        var lines = TurnLineWriter(capacity: 256 + metadata.count)
        lines.append(.header, id: "", json.bytes)
        return StoredRecord(
            id: id, kind: .conversation, parent: nil, root: id, created: created, expires: expires, value: lines.bytes)
    }

    var conversation: Conversation {
        Conversation(id: id, createdAt: Int(created / 1000), metadata: metadata)
    }

    /// The writes that put these records, each the child of the one before it, after the head, and make the last one
    /// the head. The old head is removed: it stays as long as a living record descends from it.
    func writes(appending records: [StoredRecord]) -> [StoreWrite] {
        var next = self
        next.depth += records.count
        next.bytes += records.reduce(0) { $0 + $1.byteCount }
        return writes(to: next, records)
    }

    /// The writes that make one record, a child of this one, all of the conversation.
    func writes(replacingAllBy record: StoredRecord) -> [StoreWrite] {
        var next = self
        next.depth = 2
        next.bytes = record.byteCount
        return writes(to: next, [record])
    }

    private func writes(to next: ConversationState, _ records: [StoredRecord]) -> [StoreWrite] {
        guard let last = records.last else { return [] }
        var next = next
        next.head = last.id
        next.expires = last.expires
        // The conversation first: its version says whether all of this still fits.
        return [.put(next.record, if: .version(version))] + records.map { .put($0, if: .absent) } + [.remove(head)]
    }
}

extension StoredRecord {
    /// Value and blobs, as a store counts them in a chain.
    var byteCount: Int { blobs.reduce(value.count) { $0 + $1.data.count } }
}
