/// The records, in arrays of slots that point at each other by number.
///
/// A chain is a tree of records with one root. Eviction takes leaves (records without a child) of the chain that was
/// used longest ago, so it never breaks a living descendant. Each change is noted in a journal, so that an operation
/// that fails half way, be it a batch or a put that doesn't fit, leaves nothing behind.
struct MemoryStore {
    /// A stored record and its links; -1 is no slot.
    struct Entry {
        var owner: Bytes = []
        var id: Bytes = []
        var kind: Bytes = []
        var created: Int64 = 0
        var expires: Int64 = 0
        var version: UInt64 = 0
        var status: UInt32 = 0
        var value: Bytes = []
        var blobs: [Blob] = []
        /// Deleted, and kept for descendants.
        var isDeleted = false
        var parent = -1
        var chain = -1
        var children = 0
        /// The list of the chain's leaves.
        var previousLeaf = -1
        var nextLeaf = -1
    }

    /// A chain's places in the orders of use, and its leaves.
    struct Chain {
        var owner: Bytes = []
        var root = -1
        var firstLeaf = -1
        var lastLeaf = -1
        /// Its neighbours among all chains, and among its owner's.
        var all = Neighbours()
        var own = Neighbours()
    }

    let maxEntries: Int
    let maxBytes: Int
    let maxBytesPerOwner: Int

    var entries: [Entry] = []
    var chains: [Chain] = []
    var freeEntries: [Int] = []
    var freeChains: [Int] = []
    var slots: [Bytes: Int] = [:]
    var lists: [ListKey: SortedArray<ListItem>] = [:]
    var expiring = SortedArray<ExpiryItem>()
    var blobs: [BlobKey: KeptBlob] = [:]
    /// Those that have something.
    var owners: [Bytes: OwnerState] = [:]
    var scalars = Scalars()
    var journal: [Undo] = []

    /// What a rollback restores as a whole.
    struct Scalars {
        /// The order of use of all chains.
        var order = UseOrder()
        /// Slots in use.
        var count = 0
        /// Of them deleted.
        var deleted = 0
        var bytes = 0
    }

    init(_ configuration: Configuration) {
        maxEntries = configuration.maxEntries
        maxBytes = configuration.maxBytes
        maxBytesPerOwner = configuration.maxBytesPerOwner ?? .max
    }

    func isLiving(_ slot: Int, at now: Int64) -> Bool {
        let expires = entries[slot].expires
        return !entries[slot].isDeleted && (expires == 0 || expires > now)
    }

    /// The slot of a living record of that owner.
    func find(_ id: Bytes, of owner: Bytes, at now: Int64) throws(Failure) -> Int {
        guard let slot = slots[id], entries[slot].owner == owner, isLiving(slot, at: now) else { throw .notFound }
        return slot
    }

    /// Does all of it or none.
    mutating func transact(_ body: (inout MemoryStore) throws(Failure) -> Void) throws(Failure) {
        let before = scalars
        defer { forget() }
        do {
            try body(&self)
        } catch {
            rollBack(to: before)
            throw error
        }
    }

    mutating func write(_ writes: [Write], owner: Bytes, now: Int64) throws(Failure) {
        try transact { (store) throws(Failure) in
            var written: Set<Int> = []
            for write in writes {
                switch write {
                case .put(let record, let precondition):
                    written.insert(try store.put(record, precondition, owner: owner, now: now))
                case .delete(let id):
                    store.remove(try store.find(id, of: owner, at: now), now: now)
                }
            }
            // Only now: a batch is one write, none of its records makes room for another.
            try store.makeRoom(for: owner, sparing: written, now: now)
        }
    }

    /// Answers the record's slot.
    private mutating func put(
        _ record: Record, _ precondition: Precondition, owner: Bytes, now: Int64
    ) throws(Failure) -> Int {
        let slot = slots[record.id]
        let isOwn = slot.map { entries[$0].owner == owner } ?? false
        let isThere = slot.map { isLiving($0, at: now) } ?? false
        if precondition == .version {
            guard let slot, isOwn, isThere else { throw .notFound }
            guard entries[slot].version == record.version else { throw .otherVersion }
        }
        if let slot {
            guard isOwn else { throw .inUse }
            if isThere {
                if precondition == .absent { throw .inUse }
                try update(slot, record)
                return slot
            }
            // Kept for descendants it blocks its id; expired and needed by nobody, it only hasn't been swept.
            if entries[slot].isDeleted || entries[slot].children > 0 { throw .inUse }
        }
        var parent = -1
        if !record.parent.isEmpty {
            guard let found = slots[record.parent], entries[found].owner == owner, isLiving(found, at: now) else {
                throw .noParent
            }
            parent = found
        }
        let root = parent < 0 ? record.id : rootID(of: parent)
        guard record.root.isEmpty || record.root == root else { throw .otherRoot }
        if let slot { erase(slot, now: now) }
        return insert(record, owner: owner, parent: parent)
    }

    private mutating func update(_ slot: Int, _ record: Record) throws(Failure) {
        let parent = entries[slot].parent
        guard record.parent == (parent < 0 ? [] : entries[parent].id) else { throw .otherParent }
        guard record.root.isEmpty || record.root == rootID(of: slot) else { throw .otherRoot }
        unlist(slot)
        count(record.value.count - entries[slot].value.count, of: entries[slot].owner)
        change(slot) {
            $0.kind = record.kind
            $0.created = record.created
            $0.expires = record.expires
            $0.status = record.status
            $0.value = record.value
            $0.version += 1
        }
        detachBlobs(slot)
        attach(record.blobs, to: slot)
        list(slot)
        use(entries[slot].chain)
    }

    /// From now on not found; gone at once where nothing descends from it.
    private mutating func remove(_ slot: Int, now: Int64) {
        guard entries[slot].children > 0 else { return erase(slot, now: now) }
        unlist(slot)
        change(slot) { $0.isDeleted = true }
        scalars.deleted += 1
    }

    mutating func touch(_ id: Bytes, expires: Int64, owner: Bytes, now: Int64) throws(Failure) {
        let slot = try find(id, of: owner, at: now)
        defer { forget() }
        unlist(slot)
        change(slot) { $0.expires = expires }
        list(slot)
        use(entries[slot].chain)
    }
}
