/// What was made out of the markup: the calls as a provider's events.
struct MarkupCalls {
    /// Numbers that no provider gives: theirs have 32 bits.
    private static let firstIndex = 1 << 32

    /// What is to be passed on.
    private(set) var events: [ProviderEvent] = []
    /// Calls so far.
    private(set) var count = 0
    /// A call has begun and is not complete.
    private(set) var isOpen = false
    /// Arguments of the open call that are not among the events yet: a delta of the text makes one of the arguments.
    private var arguments: [UInt8] = []

    /// The number of the newest call.
    var index: Int { Self.firstIndex + count - 1 }

    mutating func begin(_ name: String) {
        count += 1
        isOpen = true
        events.append(.toolCall(index: index, id: "", name: name))
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        arguments.append(contentsOf: bytes)
    }

    /// The open call is complete.
    mutating func end() {
        flush()
        isOpen = false
        events.append(.toolCallEnd(index: index))
    }

    /// The open call gets no further.
    mutating func cut() {
        flush()
        isOpen = false
    }

    mutating func text(_ text: String) {
        guard !text.isEmpty else { return }
        flush()
        events.append(.text(text))
    }

    /// Makes an event of the arguments that have gathered.
    private mutating func flush() {
        guard !arguments.isEmpty else { return }
        events.append(.arguments(index: index, String(decoding: arguments, as: UTF8.self)))
        arguments.removeAll(keepingCapacity: true)
    }

    mutating func takeEvents() -> [ProviderEvent] {
        flush()
        defer { events = [] }
        return events
    }
}
