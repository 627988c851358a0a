package import PatchbayLifecycle

/// Events that wait for their reader, with the bytes that they count for.
package struct EventQueue: Sendable {
    /// What an event counts for beside its texts, so that empty events don't grow without bound either.
    package static let overhead = 64

    private var events: [(event: ProviderEvent, bytes: Int)] = []
    private var first = 0
    package private(set) var bytes = 0

    package init() {}

    package var isEmpty: Bool { first == events.count }

    package mutating func append(_ event: ProviderEvent, bytes: Int) {
        events.append((event, bytes + Self.overhead))
        self.bytes += bytes + Self.overhead
    }

    package mutating func popFirst() -> ProviderEvent? {
        guard first < events.count else { return nil }
        let (event, bytes) = events[first]
        events[first].event = .partEnd
        first += 1
        self.bytes -= bytes
        if first == events.count {
            first = 0
            // A burst's memory is kept for the next one, but not that of an unusual one.
            events.removeAll(keepingCapacity: events.capacity <= 256)
        } else if first > 1024, first > events.count / 2 {
            events.removeFirst(first)
            first = 0
        }
        return event
    }

    package mutating func removeAll() {
        events = []
        first = 0
        bytes = 0
    }
}
