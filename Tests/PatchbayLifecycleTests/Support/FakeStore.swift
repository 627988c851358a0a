import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A store in a dictionary, with the rules of the port; it can be told to fail.
final class FakeStore: HistoryStore {
    /// What goes wrong with a write.
    enum Fault: Sendable {
        /// It isn't done.
        case lost(GatewayError)
        /// It is done, and said to have failed.
        case late(GatewayError)
    }

    private struct Entry {
        var owner: String
        var record: StoredRecord
        var removed = false
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let failing = Mutex(false)
    private let overtaking = Mutex(false)
    private let unreadable = Mutex(false)
    private let fault = Mutex<(@Sendable ([StoreWrite]) async -> Fault?)?>(nil)

    var records: [StoredRecord] { entries.withLock { $0.values.map(\.record) } }

    /// The living records of a kind.
    func living(_ kind: StoredRecord.Kind) -> [StoredRecord] {
        entries.withLock { $0.values.filter { !$0.removed && $0.record.kind == kind }.map(\.record) }
    }

    /// As a store that was full would.
    func lose(_ id: String) { entries.withLock { _ = $0.removeValue(forKey: id) } }

    /// From now on another server is always faster with every conversation.
    func overtakeAlways() { overtaking.withLock { $0 = true } }

    /// Asked before each write, which waits for it.
    func beforeWrites(_ fault: @escaping @Sendable ([StoreWrite]) async -> Fault?) {
        self.fault.withLock { $0 = fault }
    }

    func failReads() { unreadable.withLock { $0 = true } }

    func failWrites() { failing.withLock { $0 = true } }

    func write(_ writes: [StoreWrite], owner: String, durable: Bool) async throws(GatewayError) {
        if failing.withLock({ $0 }) { throw GatewayError(.storage, "The response could not be stored.") }
        let fault = await fault.withLock { $0 }?(writes)
        if case .lost(let error) = fault { throw error }
        await Task.yield()
        let failure: GatewayError.Kind? = entries.withLock { entries in
            if overtaking.withLock({ $0 }) {
                for id in entries.keys where id.hasPrefix("conv_") { entries[id]?.record.version += 1 }
            }
            var changed = entries
            for write in writes {
                if let failure = Self.perform(write, on: &changed, owner: owner) { return failure }
            }
            entries = changed
            return nil
        }
        if let failure { throw GatewayError(failure, "The stored record is another one by now.") }
        if case .late(let error) = fault { throw error }
    }

    private static func perform(_ write: StoreWrite, on entries: inout [String: Entry], owner: String)
        -> GatewayError.Kind?
    {
        func isLiving(_ id: String) -> Bool {
            entries[id].map { $0.owner == owner && !$0.removed } ?? false
        }
        switch write {
        case .put(var record, let condition):
            let old = entries[record.id]
            switch condition {
            case .absent:
                // One that is removed and needed by nobody is free.
                let isNeeded = entries.values.contains { $0.record.parent == record.id }
                if let old, !old.removed || isNeeded { return .conflict }
                if let parent = record.parent, !isLiving(parent) { return .notFound }
                guard record.root == record.parent.flatMap({ entries[$0]?.record.root }) ?? record.id else {
                    return .invalidRequest
                }
            case .version(let version):
                if !isLiving(record.id) { return .notFound }
                if old?.record.version != version { return .conflict }
            }
            record.version = old.map { $0.removed ? 1 : $0.record.version + 1 } ?? 1
            entries[record.id] = Entry(owner: owner, record: record)
        case .remove(let id):
            if !isLiving(id) { return .notFound }
            entries[id]?.removed = true
        }
        return nil
    }

    func list(_ kind: StoredRecord.Kind, owner: String, after: String?, limit: Int) async throws(GatewayError)
        -> [StoredRecord]
    {
        let found: [StoredRecord]? = entries.withLock { entries in
            var all = entries.values.filter { $0.owner == owner && !$0.removed && $0.record.kind == kind }.map(\.record)
            all.sort { ($0.created, $0.id) > ($1.created, $1.id) }
            if let after {
                guard let index = all.firstIndex(where: { $0.id == after }) else { return nil }
                all.removeSubrange(...index)
            }
            return Array(all.prefix(limit))
        }
        guard let found else { throw GatewayError(.notFound, "There is no record '\(after ?? "")'.") }
        return found
    }

    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord? {
        if unreadable.withLock({ $0 }) { throw GatewayError(.storage, "The store could not be read.") }
        await Task.yield()
        return living(id, owner)
    }

    func remove(_ id: String, owner: String, durable: Bool) async throws(GatewayError) -> Bool {
        guard living(id, owner) != nil else { return false }
        entries.withLock { $0[id]?.removed = true }
        return true
    }

    func loadChain(_ leaf: String, owner: String, maxDepth: Int, maxBytes: Int) async throws(GatewayError)
        -> [StoredRecord]?
    {
        guard living(leaf, owner) != nil else { return nil }
        var chain: [StoredRecord] = []
        entries.withLock { entries in
            var next: String? = leaf
            while let id = next, let entry = entries[id] {
                chain.append(entry.record)
                next = entry.record.parent
            }
        }
        let bytes = chain.reduce(0) { $0 + $1.value.count + $1.blobs.reduce(0) { $0 + $1.data.count } }
        guard chain.count <= maxDepth, bytes <= maxBytes else { throw GatewayError(.tooLarge, "too much") }
        return chain.reversed()
    }

    func sweep(maxBytes: Int?) async throws(GatewayError) {}

    private func living(_ id: String, _ owner: String) -> StoredRecord? {
        entries.withLock { entries in
            guard let entry = entries[id], entry.owner == owner, !entry.removed else { return nil }
            return entry.record
        }
    }
}
