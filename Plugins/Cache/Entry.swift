/// An answer that is kept. Immutable: it is replayed to several at a time, without a lock.
final class Entry: Sendable {
    /// See `Recording`.
    let events: [UInt8]
    let usage: Usage?
    /// The name of who made it.
    let provider: String
    /// By the cache's clock, nanoseconds: from then on it is not found.
    let expires: UInt64

    init(events: [UInt8], usage: Usage?, provider: String, expires: UInt64) {
        self.events = events
        self.usage = usage
        self.provider = provider
        self.expires = expires
    }

    /// What it counts for against `max_bytes` and `max_entry_bytes`.
    var size: Int { Self.size(events: events.count, provider: provider) }

    static func size(events: Int, provider: String) -> Int { events + provider.utf8.count }
}
