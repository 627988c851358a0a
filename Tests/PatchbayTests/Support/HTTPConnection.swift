import Foundation

/// One HTTP/1.1 exchange, written and read by hand, so that tests see the bytes that a client sees.
final class HTTPConnection {
    struct Head {
        var status = 0
        var headers: [String: String] = [:]
    }

    let socket: Socket
    /// Kept alive as long as the exchange.
    private let server: ServerProcess
    private var buffer: [UInt8] = []
    private var at = 0
    private var isChunked = false
    private var remaining = 0

    init(_ server: ServerProcess, receiveBuffer: Int? = nil) throws {
        self.server = server
        socket = try Socket(port: server.port, receiveBuffer: receiveBuffer)
    }

    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil) throws {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try socket.send(Array((head + "\r\n").utf8) + (body ?? []))
    }

    private func more() throws -> Bool {
        if at > 1 << 16 || at == buffer.count {
            buffer.removeSubrange(..<at)
            at = 0
        }
        let bytes = try socket.receive()
        buffer += bytes
        return !bytes.isEmpty
    }

    private func line() throws -> String {
        var from = at
        while true {
            if let end = buffer[from...].firstIndex(of: 10) {
                defer { at = end + 1 }
                return String(decoding: buffer[at..<end], as: UTF8.self).trimmingCharacters(in: ["\r"])
            }
            let searched = buffer.count - at
            guard try more() else { throw TestFailure("the connection ended in the middle of a line") }
            from = at + searched
        }
    }

    func readHead() throws -> Head {
        var head = Head()
        let first = try line().split(separator: " ")
        guard first.count >= 2, let status = Int(first[1]) else { throw TestFailure("no status line: \(first)") }
        head.status = status
        while case let text = try line(), !text.isEmpty {
            let parts = text.split(separator: ":", maxSplits: 1)
            head.headers[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        isChunked = head.headers["transfer-encoding"] == "chunked"
        remaining = Int(head.headers["content-length"] ?? "") ?? 0
        return head
    }

    /// The next bytes of the body; nil at its end. Throws if the connection ends before the body does.
    func readBody() throws -> [UInt8]? {
        if isChunked && remaining == 0 {
            guard let size = Int(try line(), radix: 16) else { throw TestFailure("no chunk size") }
            guard size > 0 else {
                guard try line().isEmpty else { throw TestFailure("no end of the chunks") }
                isChunked = false
                return nil
            }
            remaining = size
        }
        guard remaining > 0 else { return nil }
        if at == buffer.count {
            guard try more() else { throw TestFailure("the connection ended in the middle of the body") }
        }
        let count = min(remaining, buffer.count - at)
        let bytes = Array(buffer[at..<(at + count)])
        at += count
        remaining -= count
        if isChunked && remaining == 0 { guard try line().isEmpty else { throw TestFailure("no end of the chunk") } }
        return bytes
    }

    func readWholeBody() throws -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try readBody() { body += bytes }
        return body
    }
}
