import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A store in a dictionary, with the rules of the port; it can be told to fail its writes.
final class FakeStore: HistoryStore {
    private struct Entry {
        var owner: String
        var record: StoredRecord
        var removed = false
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let failing = Mutex(false)

    var records: [StoredRecord] { entries.withLock { $0.values.map(\.record) } }

    /// As a store that was full would.
    func lose(_ id: String) { entries.withLock { _ = $0.removeValue(forKey: id) } }

    func failWrites() { failing.withLock { $0 = true } }

    func write(_ writes: [StoreWrite], owner: String, durable: Bool) async throws(GatewayError) {
        if failing.withLock({ $0 }) { throw GatewayError(.storage, "The response could not be stored.") }
        let isDone = entries.withLock { entries in
            var changed = entries
            for write in writes {
                switch write {
                case .put(var record, let condition):
                    let old = changed[record.id]
                    switch condition {
                    case .absent: guard old == nil else { return false }
                    case .version(let version):
                        guard let old, old.owner == owner, !old.removed, old.record.version == version else {
                            return false
                        }
                    }
                    record.version = (old?.record.version ?? 0) + 1
                    changed[record.id] = Entry(owner: owner, record: record)
                case .remove(let id):
                    guard let old = changed[id], old.owner == owner, !old.removed else { return false }
                    changed[id]?.removed = true
                }
            }
            entries = changed
            return true
        }
        guard isDone else { throw GatewayError(.conflict, "The stored record is another one by now.") }
    }

    func list(_ kind: StoredRecord.Kind, owner: String, after: String?, limit: Int) async throws(GatewayError)
        -> [StoredRecord]
    {
        entries.withLock { entries in
            var all = entries.values.filter { $0.owner == owner && !$0.removed && $0.record.kind == kind }.map(\.record)
            all.sort { ($0.created, $0.id) > ($1.created, $1.id) }
            if let after, let index = all.firstIndex(where: { $0.id == after }) { all.removeSubrange(...index) }
            return Array(all.prefix(limit))
        }
    }

    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord? {
        living(id, owner)
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
        guard chain.count <= maxDepth else { throw GatewayError(.tooLarge, "too deep") }
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
