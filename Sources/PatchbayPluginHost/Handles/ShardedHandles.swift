/// The handles of one kind over all event loops: a table a shard, so that loops don't wait for one another's locks.
///
/// It is not copied and its tables are not objects: an event of a plugin finds its stream without counting references
/// to anything but the stream.
struct ShardedHandles<Value: AnyObject & Sendable>: ~Copyable, Sendable {
    static var shardCount: Int { 32 }

    private let tables: InlineArray<32, HandleTable<Value>>

    /// - Parameter capacity: of each shard.
    init(kind: HandleKind, capacity: Int) {
        tables = InlineArray { HandleTable(kind: kind, shard: $0, capacity: capacity) }
    }

    /// Makes an object that knows its number; nil when the shard is full.
    func insert(shard: Int, _ make: (UInt64) -> Value) -> Value? {
        tables[shard & (Self.shardCount - 1)].insert(make)
    }

    @inline(__always)
    subscript(_ id: UInt64) -> Value? {
        // The shard's six bits name a table of these, or none.
        let shard = Int((id >> 22) & 0x3F)
        guard shard < Self.shardCount else { return nil }
        return tables[shard][id]
    }

    /// A new number for the object, whose old one is nobody's from now on. Nil: there is no such object, or its place
    /// has no more numbers.
    @inline(__always)
    func renew(_ id: UInt64) -> UInt64? {
        let shard = Int((id >> 22) & 0x3F)
        guard shard < Self.shardCount else { return nil }
        return tables[shard].renew(id)
    }

    @discardableResult
    func remove(_ id: UInt64) -> Value? {
        let shard = Int((id >> 22) & 0x3F)
        guard shard < Self.shardCount else { return nil }
        return tables[shard].remove(id)
    }

    /// All that are alive now.
    var all: [Value] {
        var all: [Value] = []
        for index in tables.indices { all += tables[index].all }
        return all
    }
}
