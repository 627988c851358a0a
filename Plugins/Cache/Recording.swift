import CPatchbay

/// The events of an answer, one after another as bytes: the kind, and as numbers of variable length the index and the
/// lengths of text, id and name; then these. An event of a short text has 5 bytes besides it.
struct Recording {
    /// What an event is made of. The pieces are UTF-8 or JSON, as the host gave them.
    struct Event {
        /// Numbers of kinds.
        static let toolCall = UInt32(PBAY_EVENT_TOOL_CALL)
        static let item = UInt32(PBAY_EVENT_ITEM)

        var kind: UInt32
        var index: UInt32
        var text: ArraySlice<UInt8>
        var id: ArraySlice<UInt8>
        var name: ArraySlice<UInt8>
    }

    private(set) var bytes: [UInt8] = []

    /// The bytes, without what they were given more room for; there are none after it.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes.capacity > bytes.count + bytes.count / 8 ? [UInt8](bytes[...]) : bytes
    }

    /// How many bytes the event will take.
    static func size(of event: Event) -> Int {
        let pieces = [event.text.count, event.id.count, event.name.count]
        return pieces.reduce(1 + width(UInt64(event.index))) { $0 + $1 + width(UInt64($1)) }
    }

    /// `kind` is below 256: all that there are.
    mutating func append(_ event: Event) {
        bytes.append(UInt8(truncatingIfNeeded: event.kind))
        append(number: UInt64(event.index))
        append(number: UInt64(event.text.count))
        append(number: UInt64(event.id.count))
        append(number: UInt64(event.name.count))
        bytes.append(contentsOf: event.text)
        bytes.append(contentsOf: event.id)
        bytes.append(contentsOf: event.name)
    }

    /// Seven bits a byte, the lowest first; the last one has its highest bit clear.
    private mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func width(_ number: UInt64) -> Int {
        max(1, (70 - number.leadingZeroBitCount) / 7)
    }
}
