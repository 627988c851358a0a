import PatchbayModel
import Synchronization

/// The stored responses that this process is making just now, so that asking for one, or continuing it, is answered
/// with what is so. As many as there are requests under way.
final class RunningResponses: Sendable {
    private struct Entry {
        var owner: String
        var response: Response
    }

    private let entries = Mutex<[String: Entry]>([:])

    func begin(_ response: Response, owner: String) {
        entries.withLock { $0[response.id] = Entry(owner: owner, response: response) }
    }

    func end(_ id: String) {
        entries.withLock { _ = $0.removeValue(forKey: id) }
    }

    /// The response as it was when it began; nil if it isn't running or is somebody else's.
    func response(_ id: String, owner: String) -> Response? {
        entries.withLock { entries in
            guard let entry = entries[id], entry.owner == owner else { return nil }
            return entry.response
        }
    }
}
