/// Reads the events of a recording.
struct Replay: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Recording.Event? {
        guard at < bytes.count else { return nil }
        let kind = UInt32(bytes[at])
        at += 1
        let index = UInt32(number())
        let (text, id, name) = (number(), number(), number())
        return Recording.Event(kind: kind, index: index, text: take(text), id: take(id), name: take(name))
    }

    private mutating func number() -> Int {
        var value = 0
        var shift = 0
        while bytes[at] >= 0x80 {
            value |= Int(bytes[at] & 0x7F) << shift
            shift += 7
            at += 1
        }
        value |= Int(bytes[at]) << shift
        at += 1
        return value
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { at += count }
        return bytes[at..<at + count]
    }
}
