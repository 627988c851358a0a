import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A store that keeps everything in memory.
final class FakeStore: HistoryStore {
    private let records = Mutex<[String: StoredRecord]>([:])

    func put(_ record: StoredRecord, owner: String, durable: Bool) async throws(GatewayError) {
        records.withLock { $0[owner + "/" + record.id] = record }
    }

    func get(_ id: String, owner: String) async throws(GatewayError) -> StoredRecord? {
        records.withLock { $0[owner + "/" + id] }
    }

    func remove(_ id: String, owner: String, durable: Bool) async throws(GatewayError) -> Bool {
        records.withLock { $0.removeValue(forKey: owner + "/" + id) != nil }
    }

    func loadChain(_ leaf: String, owner: String, maxDepth: Int, maxBytes: Int) async throws(GatewayError)
        -> [StoredRecord]?
    {
        records.withLock { records in
            var chain: [StoredRecord] = []
            var next: String? = leaf
            while let id = next, let record = records[owner + "/" + id] {
                chain.append(record)
                next = record.parent
            }
            return chain.isEmpty ? nil : chain.reversed()
        }
    }

    func sweep(maxBytes: Int?) async throws(GatewayError) {}
}
