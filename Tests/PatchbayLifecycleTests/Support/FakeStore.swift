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

    func failWrites() { failing.withLock { $0 = true } }

    func put(_ record: StoredRecord, owner: String, durable: Bool) async throws(GatewayError) {
        if failing.withLock({ $0 }) { throw GatewayError(.storage, "The response could not be stored.") }
        entries.withLock { $0[record.id] = Entry(owner: owner, record: record) }
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
