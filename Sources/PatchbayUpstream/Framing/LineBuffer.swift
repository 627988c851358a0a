import NIOCore

/// The bytes of a framed body that are not yet decoded, and a search for the end of the next line that looks at each
/// byte once, however they were split.
struct LineBuffer {
    enum Terminator {
        /// CR, LF or CRLF (SSE).
        case any
        /// LF (NDJSON).
        case lineFeed
    }

    private(set) var bytes = ByteBuffer()
    /// How many readable bytes are known to hold no terminator.
    private var scanned = 0
    /// A line ended in CR at the end of what was read: an LF that follows belongs to it.
    private var skipsLineFeed = false
    private let terminator: Terminator

    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    init(terminator: Terminator) {
        self.terminator = terminator
    }

    var readableBytes: Int { bytes.readableBytes }

    /// Adds what was read. Nothing is copied when everything before was consumed.
    mutating func append(_ more: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = more
            scanned = 0
            return
        }
        if bytes.readerIndex >= 4096, bytes.readerIndex > bytes.readableBytes {
            bytes.discardReadBytes()
        }
        bytes.writeImmutableBuffer(more)
    }

    /// The length of the next line, which begins at `bytes.readerIndex`; nil when its end is not there yet.
    /// `consumeLine` must follow before the next call.
    mutating func nextLineLength() -> Int? {
        if skipsLineFeed, bytes.readableBytes > 0 {
            skipsLineFeed = false
            if byte(at: 0) == Self.lineFeed { bytes.moveReaderIndex(forwardBy: 1) }
        }
        let end = bytes.readableBytes
        var offset = scanned
        // Eight at a time; a byte equal to the terminator becomes zero, and the highest bit of a zero byte is found.
        while offset + 8 <= end, let word = bytes.getInteger(at: bytes.readerIndex + offset, as: UInt64.self) {
            let lineFeeds = word ^ (Self.ones &* UInt64(Self.lineFeed))
            var hits = (lineFeeds &- Self.ones) & ~lineFeeds
            if terminator == .any {
                let returns = word ^ (Self.ones &* UInt64(Self.carriageReturn))
                hits |= (returns &- Self.ones) & ~returns
            }
            if hits & Self.highs != 0 { break }
            offset += 8
        }
        while offset < end {
            if isTerminator(byte(at: offset)) {
                scanned = offset
                return offset
            }
            offset += 1
        }
        scanned = end
        return nil
    }

    /// Moves past the line that `nextLineLength` found, with its terminator.
    mutating func consumeLine(length: Int) {
        let ending = byte(at: length)
        var count = length + 1
        if ending == Self.carriageReturn, terminator == .any {
            if count < bytes.readableBytes {
                if byte(at: count) == Self.lineFeed { count += 1 }
            } else {
                skipsLineFeed = true
            }
        }
        consume(count)
    }

    /// Moves past bytes that hold no terminator.
    mutating func consume(_ count: Int) {
        bytes.moveReaderIndex(forwardBy: min(count, bytes.readableBytes))
        scanned = 0
        // Lets go of the read's memory: a held stream between two events should cost none.
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    }

    /// The byte at an offset from the reader index; zero when out of range.
    func byte(at offset: Int) -> UInt8 {
        bytes.getInteger(at: bytes.readerIndex + offset, as: UInt8.self) ?? 0
    }

    /// Four bytes at an offset from the reader index, the first one highest; zero when out of range.
    func word(at offset: Int) -> UInt32 {
        bytes.getInteger(at: bytes.readerIndex + offset, as: UInt32.self) ?? 0
    }

    /// A slice that shares the memory.
    func slice(at offset: Int, length: Int) -> ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + offset, length: length) ?? ByteBuffer()
    }

    private func isTerminator(_ byte: UInt8) -> Bool {
        byte == Self.lineFeed || (terminator == .any && byte == Self.carriageReturn)
    }
}
