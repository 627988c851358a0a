import NIOCore

/// How the end of an answer is known to the client.
enum Framing {
    case length(Int)
    case chunks
    /// For clients that know no chunks (HTTP/1.0): the connection's end.
    case untilClose
}

extension ByteBuffer {
    /// Writes an answer's head, its blank line included.
    mutating func writeHead(_ answer: Answer, requestID: String, framing: Framing, closes: Bool) {
        writeStaticString(answer.status.line)
        writeStaticString("content-type: application/json\r\n")
        if answer.status == .unauthorized { writeStaticString("www-authenticate: Bearer\r\n") }
        if let allow = answer.allow {
            writeStaticString("allow: ")
            writeStaticString(allow)
            writeStaticString("\r\n")
        }
        writeStaticString(answer.headers)
        if let seconds = answer.retryAfter {
            writeStaticString("retry-after: ")
            writeString(String(seconds))
            writeStaticString("\r\n")
        }
        writeCommon(requestID: requestID, framing: framing, closes: closes)
    }

    /// Writes the head of a stream of server-sent events, its blank line included.
    mutating func writeStreamHead(requestID: String, framing: Framing, closes: Bool) {
        writeStaticString(HTTPStatus.ok.line)
        writeStaticString(
            """
            content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n
            """)
        writeCommon(requestID: requestID, framing: framing, closes: closes)
    }

    private mutating func writeCommon(requestID: String, framing: Framing, closes: Bool) {
        // The second name is the one that Anthropic's clients look for.
        writeStaticString("x-request-id: ")
        writeString(requestID)
        writeStaticString("\r\nrequest-id: ")
        writeString(requestID)
        switch framing {
        case .length(let length):
            writeStaticString("\r\ncontent-length: ")
            writeString(String(length))
        case .chunks:
            writeStaticString("\r\ntransfer-encoding: chunked")
        case .untilClose:
            break
        }
        writeStaticString(closes ? "\r\nconnection: close\r\n\r\n" : "\r\n\r\n")
    }

    /// Room for any head.
    static let headCapacity = 448
}
