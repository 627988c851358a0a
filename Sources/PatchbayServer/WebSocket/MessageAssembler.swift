import NIOCore
import NIOWebSocket

/// Puts frames together to messages, by the rules of RFC 6455: frames of a client are masked, no extension was agreed
/// on, fragments aren't mixed, text is UTF-8.
struct MessageAssembler {
    enum Input {
        /// A fragment: there is more to come.
        case nothing
        /// A whole message: UTF-8.
        case text([UInt8])
        case ping(ByteBuffer)
        case pong
        /// The client's code, where it gives one.
        case close(UInt16?)
    }

    /// The largest message, bytes.
    private let limit: Int
    private var message: [UInt8] = []
    /// Fragments of a message have come, and its last one hasn't.
    private(set) var isWithinMessage = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func take(_ frame: WebSocketFrame) throws(WebSocketViolation) -> Input {
        guard let key = frame.maskKey else {
            throw WebSocketViolation(.protocolError, "a client's frames must be masked")
        }
        guard frame.reservedBits.isEmpty else {
            throw WebSocketViolation(.protocolError, "reserved bits are set, and no extension was agreed on")
        }
        switch frame.opcode {
        case .text:
            guard !isWithinMessage else {
                throw WebSocketViolation(.protocolError, "a message began within another")
            }
            return try append(frame.data, key, isLast: frame.fin)
        case .continuation:
            guard isWithinMessage else {
                throw WebSocketViolation(.protocolError, "a continuation of nothing")
            }
            return try append(frame.data, key, isLast: frame.fin)
        case .binary:
            throw WebSocketViolation(.unsupportedData, "messages must be text")
        case .ping:
            return .ping(frame.unmaskedData)
        case .pong:
            return .pong
        case .connectionClose:
            return .close(try Self.closeCode(frame.unmaskedData))
        default:
            throw WebSocketViolation(.protocolError, "an unknown opcode")
        }
    }

    private mutating func append(_ data: ByteBuffer, _ key: WebSocketMaskingKey, isLast: Bool)
        throws(WebSocketViolation) -> Input
    {
        guard data.readableBytes <= limit - message.count else {
            throw WebSocketViolation(.messageTooBig, "the message is larger than this server takes")
        }
        message.append(contentsOf: data.readableBytesView, unmaskedBy: key)
        isWithinMessage = !isLast
        guard isLast else { return .nothing }
        defer { message = [] }
        do {
            _ = try UTF8Span(validating: message.span)
        } catch {
            throw WebSocketViolation(.invalidText, "the text isn't UTF-8")
        }
        return .text(message)
    }

    private static func closeCode(_ data: ByteBuffer) throws(WebSocketViolation) -> UInt16? {
        guard data.readableBytes > 0 else { return nil }
        guard let code = data.getInteger(at: data.readerIndex, as: UInt16.self) else {
            throw WebSocketViolation(.protocolError, "half a close code")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw WebSocketViolation(.protocolError, "a close code that nobody may send")
        }
        let reason = Array(data.readableBytesView.dropFirst(2))
        guard (try? UTF8Span(validating: reason.span)) != nil else {
            throw WebSocketViolation(.invalidText, "the reason isn't UTF-8")
        }
        return code
    }
}

extension [UInt8] {
    fileprivate mutating func append(contentsOf data: ByteBufferView, unmaskedBy key: WebSocketMaskingKey) {
        let start = count
        append(contentsOf: data)
        let (first, second, third, fourth) = (key[0], key[1], key[2], key[3])
        var span = mutableSpan
        var index = start
        while index + 4 <= span.count {
            span[index] ^= first
            span[index + 1] ^= second
            span[index + 2] ^= third
            span[index + 3] ^= fourth
            index += 4
        }
        for (offset, index) in (index..<span.count).enumerated() { span[index] ^= key[offset] }
    }
}
