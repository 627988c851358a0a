import PatchbayModel
import Synchronization

/// The stored responses that this server is making just now, by their ids. As many as there are requests under way and
/// in the background's queue.
final class LiveResponses: Sendable {
    private let entries = Mutex<[String: LiveResponse]>([:])

    func add(_ response: LiveResponse) {
        entries.withLock { $0[response.id] = response }
    }

    func remove(_ id: String) {
        entries.withLock { _ = $0.removeValue(forKey: id) }
    }

    var isEmpty: Bool { entries.withLock { $0.isEmpty } }

    /// Nil if it isn't being made here or is somebody else's.
    func find(_ id: String, owner: String) -> LiveResponse? {
        entries.withLock { entries in
            guard let entry = entries[id], entry.owner == owner else { return nil }
            return entry
        }
    }
}
