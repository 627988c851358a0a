import Testing

@testable import PatchbayPluginHost

@Suite struct HandleTableTests {
    final class Thing: Sendable {
        let id: UInt64
        init(_ id: UInt64) { self.id = id }
    }

    @Test func `a handle finds its object until it is removed, and never its successor`() throws {
        let table = HandleTable<Thing>(kind: .stream, shard: 3, capacity: 8)
        let first = try #require(table.insert { Thing($0) })
        #expect(table[first.id] === first)
        #expect(table.remove(first.id) === first)
        #expect(table.remove(first.id) == nil)
        let second = try #require(table.insert { Thing($0) })
        #expect(second.id & 0x3F_FFFF == first.id & 0x3F_FFFF, "the slot is used again")
        #expect(table[first.id] == nil)
        #expect(table[second.id] === second)
    }

    @Test func `a table is bounded, and gives back what was removed`() throws {
        let table = HandleTable<Thing>(kind: .timer, shard: 0, capacity: 2)
        let one = try #require(table.insert { Thing($0) })
        #expect(table.insert { Thing($0) } != nil)
        #expect(table.insert { Thing($0) } == nil)
        table.remove(one.id)
        #expect(table.insert { Thing($0) } != nil)
    }

    @Test(arguments: [0, 1, 0x3F_FFFF, UInt64.max, 1 << 32, 1 << 63])
    func `no invented number is a handle`(id: UInt64) throws {
        let handles = ShardedHandles<Thing>(kind: .operation, capacity: 4)
        _ = try #require(handles.insert(shard: 0) { Thing($0) })
        #expect(handles[id] == nil)
        #expect(handles.remove(id) == nil)
    }

    @Test func `a handle of one kind or shard is none of another`() throws {
        let streams = ShardedHandles<Thing>(kind: .stream, capacity: 4)
        let timers = ShardedHandles<Thing>(kind: .timer, capacity: 4)
        let stream = try #require(streams.insert(shard: 1) { Thing($0) })
        let other = try #require(streams.insert(shard: 2) { Thing($0) })
        _ = timers.insert(shard: 1) { Thing($0) }
        #expect(timers[stream.id] == nil)
        #expect(stream.id != other.id)
        #expect(streams[other.id] === other)
    }
}
