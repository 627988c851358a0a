import NIOCore

/// Decodes `text/event-stream` by the WHATWG's rules, from bytes that may be split anywhere. It makes no String, and
/// the usual event (one `data` line, whole in one read) is a slice of what was read.
///
/// An event without its empty line at the end of the body is dropped, as the rules ask; `endsInsideEvent` tells.
package struct SSEDecoder {
    private var lines = LineBuffer(terminator: .any)
    private let maxEventBytes: Int
    private var isAtStart = true

    // The event that is being gathered.
    private var name: ByteBuffer?
    private var data: ByteBuffer?
    private var id: ByteBuffer?
    private var retry: Int?
    /// The bytes of its lines so far.
    private var eventBytes = 0

    /// - Parameter maxEventBytes: the most that one event's lines may hold together, without their ends.
    package init(maxEventBytes: Int) {
        self.maxEventBytes = maxEventBytes
    }

    package mutating func append(_ bytes: ByteBuffer) {
        lines.append(bytes)
    }

    /// Whether an event has begun that no empty line has ended.
    package var endsInsideEvent: Bool {
        data != nil || lines.readableBytes > 0
    }

    /// The next whole event; nil when more bytes are needed. After an error nothing more may be asked.
    package mutating func next() throws(FramingLimitError) -> SSEEvent? {
        if isAtStart, !skipByteOrderMark() { return nil }
        while let length = lines.nextLineLength() {
            if length == 0 {
                lines.consumeLine(length: 0)
                if let event = dispatch() { return event }
            } else {
                if eventBytes + length > maxEventBytes { throw FramingLimitError() }
                takeLine(length)
                lines.consumeLine(length: length)
            }
        }
        if eventBytes + lines.readableBytes > maxEventBytes { throw FramingLimitError() }
        return nil
    }

    private mutating func dispatch() -> SSEEvent? {
        eventBytes = 0
        guard let data else {
            // Without data no event is dispatched; its name is forgotten, an id or a reconnection time stays.
            name = nil
            return nil
        }
        let event = SSEEvent(name: name, data: data, id: id, retry: retry)
        name = nil
        self.data = nil
        id = nil
        retry = nil
        return event
    }

    /// Takes the line at the beginning of `lines`, which is not empty.
    private mutating func takeLine(_ length: Int) {
        switch field(length) {
        case .data(let start):
            eventBytes += length
            let value = lines.slice(at: start, length: length - start)
            if data == nil {
                data = value
            } else {
                data?.writeInteger(LineBuffer.lineFeed)
                data?.writeImmutableBuffer(value)
            }
        case .event(let start):
            eventBytes += length
            name = start == length ? nil : lines.slice(at: start, length: length - start)
        case .id(let start):
            let value = lines.slice(at: start, length: length - start)
            guard !value.readableBytesView.contains(0) else { return }
            eventBytes += length
            id = value
        case .retry(let start):
            retry = milliseconds(from: start, to: length) ?? retry
        case nil:
            return  // A comment, or a field that nobody knows.
        }
    }

    /// The digits of a `retry` field; anything else makes the field void.
    private func milliseconds(from start: Int, to end: Int) -> Int? {
        guard start < end, end - start <= 15 else { return nil }
        var value = 0
        for offset in start..<end {
            let byte = lines.byte(at: offset)
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// False when it takes more bytes to tell whether the body begins with a byte order mark.
    private mutating func skipByteOrderMark() -> Bool {
        let mark: (UInt8, UInt8, UInt8) = (0xEF, 0xBB, 0xBF)
        switch lines.readableBytes {
        case 0: return false
        case 1 where lines.byte(at: 0) == mark.0: return false
        case 2 where lines.byte(at: 0) == mark.0 && lines.byte(at: 1) == mark.1: return false
        default: break
        }
        isAtStart = false
        if lines.byte(at: 0) == mark.0, lines.byte(at: 1) == mark.1, lines.byte(at: 2) == mark.2 { lines.consume(3) }
        return true
    }
}

extension SSEDecoder {
    /// A field that means something, with the offset of its value in the line.
    private enum Field {
        case data(Int)
        case event(Int)
        case id(Int)
        case retry(Int)
    }

    private func field(_ length: Int) -> Field? {
        switch lines.byte(at: 0) {
        case UInt8(ascii: "d"):
            guard lines.word(at: 0) == Self.word("d", "a", "t", "a") else { return nil }
            return value(after: 4, length).map { .data($0) }
        case UInt8(ascii: "e"):
            guard lines.word(at: 0) == Self.word("e", "v", "e", "n"), lines.byte(at: 4) == UInt8(ascii: "t") else {
                return nil
            }
            return value(after: 5, length).map { .event($0) }
        case UInt8(ascii: "i"):
            guard lines.byte(at: 1) == UInt8(ascii: "d") else { return nil }
            return value(after: 2, length).map { .id($0) }
        case UInt8(ascii: "r"):
            guard lines.word(at: 0) == Self.word("r", "e", "t", "r"), lines.byte(at: 4) == UInt8(ascii: "y") else {
                return nil
            }
            return value(after: 5, length).map { .retry($0) }
        default:
            return nil
        }
    }

    /// Where the value begins after a field name of `count` bytes; nil when the name goes on.
    private func value(after count: Int, _ length: Int) -> Int? {
        // The line's end ends the name too: the terminator at `length` is no letter, so a shorter line never gets here.
        if length == count { return length }
        guard lines.byte(at: count) == UInt8(ascii: ":") else { return nil }
        return length > count + 1 && lines.byte(at: count + 1) == UInt8(ascii: " ") ? count + 2 : count + 1
    }

    private static func word(
        _ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar, _ fourth: Unicode.Scalar
    ) -> UInt32 {
        UInt32(UInt8(ascii: first)) << 24 | UInt32(UInt8(ascii: second)) << 16 | UInt32(UInt8(ascii: third)) << 8
            | UInt32(UInt8(ascii: fourth))
    }
}
