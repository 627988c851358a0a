import Logging
import PatchbayModel

/// The servers that share a store, as far as they have unfinished responses there: each shows itself by a record with a
/// lease, so that the others know what was left behind.
actor Replicas {
    /// The owner of what belongs to the deployment and to no key.
    static let owner = "\u{1}deployment"
    /// Milliseconds that a server counts as alive after it has shown itself, and after which it does so again.
    private static let lease: Int64 = 60_000
    private static let refresh: Int64 = 15_000

    /// This server.
    nonisolated let id = Identifier.replica()
    private let store: any HistoryStore
    private let identity: ProcessIdentity
    private let clock: any Clock
    private let logger: Logger
    private var version: UInt64 = 0
    private var shown: Int64 = .min

    init(store: any HistoryStore, identity: ProcessIdentity, clock: any Clock, logger: Logger) {
        self.store = store
        self.identity = identity
        self.clock = clock
        self.logger = logger
    }

    /// Shows this server, if it hasn't just done so. To be called before an unfinished response is stored, and again
    /// and again while there are any.
    func show() async {
        let now = clock.milliseconds
        guard shown == .min || now - shown >= Self.refresh else { return }
        shown = now
        let record = StoredRecord(
            id: id, kind: .replica, parent: nil, root: id, created: now, expires: now + 10 * Self.lease,
            value: Array("\(now + Self.lease)\n\(identity.text)".utf8))
        let isKnown = version > 0
        do throws(GatewayError) {
            try await store.put(record, if: isKnown ? .version(version) : .absent, owner: Self.owner, durable: false)
            version += 1
        } catch {
            // The record may be gone for the store's bounds, or be newer than is known here, when a write was done that
            // came too late: the next time goes by what is there.
            version = (try? await store.get(id, owner: Self.owner))?.version ?? 0
            shown = .min
            logger.warning(
                "this server could not show the others that it is alive",
                metadata: ["detail": "\(error.detail ?? error.message)"])
        }
    }

    /// Whether the server is alive that is to have an unfinished response that isn't made here.
    func isAlive(_ holder: String?) async throws(GatewayError) -> Bool {
        guard let holder, holder != id, let record = try await store.get(holder, owner: Self.owner) else {
            return false
        }
        let parts = String(decoding: record.value, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        guard let lease = parts.first.flatMap({ Int64($0) }), lease > clock.milliseconds else { return false }
        return parts.count < 2 || !identity.hasEnded(String(parts[1]))
    }
}
