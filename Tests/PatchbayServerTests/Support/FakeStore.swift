import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A store that keeps everything in memory.
final class FakeStore: HistoryStore {
    private let records = Mutex<[String: StoredRecord]>([:])

    func write(_ writes: [StoreWrite], owner: String, durable: Bool) async throws(GatewayError) {
        records.withLock { records in
            for write in writes {
                switch write {
                case .put(var record, let condition):
                    if case .version(let version) = condition {
                        record.version = version + 1
                    } else {
                        record.version = 1
                    }
                    records[owner + "/" + record.id] = record
                case .remove(let id): records[owner + "/" + id] = nil
                }
            }
        }
    }

    func list(_ kind: StoredRecord.Kind, owner: String, after: String?, limit: Int) async throws(GatewayError)
        -> [StoredRecord]
    {
        let all = records.withLock { $0.filter { $0.key.hasPrefix(owner + "/") && $0.value.kind == kind }.map(\.value) }
            .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        guard let after else { return Array(all.prefix(limit)) }
        guard let index = all.firstIndex(where: { $0.id == after }) else { throw GatewayError(.notFound, "none") }
        return Array(all[(index + 1)...].prefix(limit))
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
