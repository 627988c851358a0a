import NIOCore

/// Cuts a body into lines, one JSON document each. Lines end in LF or CRLF, empty ones are left out; the last needs no
/// end. Whether a line is JSON is for its reader to say.
package struct NDJSONDecoder {
    private var lines = LineBuffer(terminator: .lineFeed)
    private let maxLineBytes: Int

    /// - Parameter maxLineBytes: the longest line that is kept, without its end.
    package init(maxLineBytes: Int) {
        self.maxLineBytes = maxLineBytes
    }

    package mutating func append(_ bytes: ByteBuffer) {
        lines.append(bytes)
    }

    /// The next whole line; nil when more bytes are needed.
    package mutating func next() throws(FramingLimitError) -> SSEEvent? {
        while let length = lines.nextLineLength() {
            let content = try contentLength(length)
            let line = lines.slice(at: 0, length: content)
            lines.consumeLine(length: length)
            if content > 0 { return SSEEvent(data: line) }
        }
        // A CR may still turn out to be part of the line's end.
        if lines.readableBytes > maxLineBytes + 1 { throw FramingLimitError() }
        return nil
    }

    /// The line that the end of the body ended, if there was one. To be called when `next` has nothing more.
    package mutating func finish() throws(FramingLimitError) -> SSEEvent? {
        let length = lines.readableBytes
        let content = try contentLength(length)
        let line = lines.slice(at: 0, length: content)
        lines.consume(length)
        return content > 0 ? SSEEvent(data: line) : nil
    }

    private func contentLength(_ length: Int) throws(FramingLimitError) -> Int {
        let content = length > 0 && lines.byte(at: length - 1) == LineBuffer.carriageReturn ? length - 1 : length
        if content > maxLineBytes { throw FramingLimitError() }
        return content
    }
}
