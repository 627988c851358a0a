import PatchbayModel

/// Who remembers. Implemented by the plugin host over the C ABI, and by tests. Every call is for one owner; a record
/// of another owner is not found.
///
/// Throwing means that nothing was stored or read: kind `.storage` for a medium that failed, `.overloaded` for a full
/// queue, `.timeout`, and as said below.
package protocol HistoryStore: AnyObject, Sendable {
    /// Stores a new record. Returns when it is safe: `durable` asks for a commit that survives a crash of the machine.
    /// Throws `.conflict` if the id is taken, `.notFound` if the parent isn't there for this owner, `.tooLarge`.
    func put(_ record: StoredRecord, owner: String, durable: Bool) async throws(GatewayError)

    /// The living record, or nil.
    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord?

    /// From now on not found. False if it wasn't found before.
    func remove(_ id: String, owner: String, durable: Bool) async throws(GatewayError) -> Bool

    /// The chain that ends in `leaf`, from its root to the leaf; nil if the leaf isn't found. Throws `.tooLarge` past
    /// `maxDepth` records or `maxBytes` of values.
    func loadChain(_ leaf: String, owner: String, maxDepth: Int, maxBytes: Int) async throws(GatewayError)
        -> [StoredRecord]?

    /// Gives back what has expired, then the least recently used until at most `maxBytes` are left; nil: no bound.
    func sweep(maxBytes: Int?) async throws(GatewayError)
}

/// A record as a store sees it.
package struct StoredRecord: Sendable, Hashable {
    package var id: String
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

    package init(
        id: String, parent: String?, root: String, created: Int64, expires: Int64?, value: [UInt8],
        blobs: [StoredBlob] = []
    ) {
        self.id = id
        self.parent = parent
        self.root = root
        self.created = created
        self.expires = expires
        self.value = value
        self.blobs = blobs
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
