import PatchbayModel

/// Who remembers. Implemented by the plugin host over the C ABI, and by tests. Every call is for one owner; a record
/// of another owner is not found.
///
/// Throwing means that nothing was stored or read: kind `.storage` for a medium that failed, `.overloaded` for a full
/// queue, `.timeout`, and as said below.
package protocol HistoryStore: AnyObject, Sendable {
    /// Writes all of it or nothing, in order. Returns when it is safe: `durable` asks for a commit that survives a
    /// crash of the machine. Throws `.conflict` if a condition doesn't hold, `.notFound` if a parent isn't there for
    /// this owner or there is nothing to remove, `.tooLarge`.
    func write(_ writes: [StoreWrite], owner: String, durable: Bool) async throws(GatewayError)

    /// The living record, or nil.
    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord?

    /// From now on not found. False if it wasn't found before.
    func remove(_ id: String, owner: String, durable: Bool) async throws(GatewayError) -> Bool

    /// The chain that ends in `leaf`, from its root to the leaf; nil if the leaf isn't found. Throws `.tooLarge` past
    /// `maxDepth` records or `maxBytes` of values.
    func loadChain(_ leaf: String, owner: String, maxDepth: Int, maxBytes: Int) async throws(GatewayError)
        -> [StoredRecord]?

    /// Living records of a kind, newest first, at most `limit`, after the record `after`. Throws `.notFound` where that
    /// one isn't living.
    func list(_ kind: StoredRecord.Kind, owner: String, after: String?, limit: Int) async throws(GatewayError)
        -> [StoredRecord]

    /// Gives back what has expired, then the least recently used until at most `maxBytes` are left; nil: no bound.
    func sweep(maxBytes: Int?) async throws(GatewayError)
}

extension HistoryStore {
    /// Stores one record.
    package func put(_ record: StoredRecord, if condition: PutCondition = .absent, owner: String, durable: Bool)
        async throws(GatewayError)
    {
        try await write([.put(record, if: condition)], owner: owner, durable: durable)
    }
}

/// One of the writes that a store does together.
package enum StoreWrite: Sendable, Hashable {
    case put(StoredRecord, if: PutCondition)
    /// From now on not found.
    case remove(String)
}

/// What must be so for a record to be written.
package enum PutCondition: Sendable, Hashable {
    /// There is no record of that id.
    case absent
    /// There is one, and it has this version. Its value and blobs are replaced; parent and root stay.
    case version(UInt64)
}

/// A record as a store sees it.
package struct StoredRecord: Sendable, Hashable {
    /// What a record is, for those who list them.
    package enum Kind: String, Sendable, Hashable {
        case response
        /// A response that is listed among chat completions.
        case completion
        /// A response of the background that has not ended: its id is the response's with another prefix.
        case job
        /// A server that has unfinished responses.
        case replica
        case conversation
        /// What a conversation got besides responses.
        case entry
        /// Anything of the deployment's own.
        case setting
    }

    package var id: String
    package var kind: Kind
    /// The record that it continues.
    package var parent: String?
    /// The first of its chain; its own id for the first.
    package var root: String
    /// Unix milliseconds.
    package var created: Int64
    /// Unix milliseconds; nil: never.
    package var expires: Int64?
    package var value: [UInt8]
    /// Large pieces that belong to the value, in their order; a store keeps equal ones of an owner once.
    package var blobs: [StoredBlob]
    /// Of a record that was read: 1 at first, and one more each time that it was written over.
    package var version: UInt64

    package init(
        id: String, kind: Kind = .response, parent: String?, root: String, created: Int64, expires: Int64?,
        value: [UInt8], blobs: [StoredBlob] = [], version: UInt64 = 0
    ) {
        self.id = id
        self.kind = kind
        self.parent = parent
        self.root = root
        self.created = created
        self.expires = expires
        self.value = value
        self.blobs = blobs
        self.version = version
    }
}

/// A large piece of a record, such as an image.
package struct StoredBlob: Sendable, Hashable {
    /// SHA-256 of the data, 64 hexadecimal digits.
    package var hash: String
    package var data: [UInt8]

    package init(hash: String, data: [UInt8]) {
        self.hash = hash
        self.data = data
    }
}
