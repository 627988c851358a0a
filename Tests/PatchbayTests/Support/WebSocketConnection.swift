import Foundation

/// One WebSocket to a server, its frames made and read by hand.
final class WebSocketConnection {
    private let socket: Socket
    /// Kept alive as long as the connection.
    private let server: ServerProcess
    private var buffer: [UInt8] = []

    init(_ server: ServerProcess, key: String? = nil) throws {
        self.server = server
        socket = try Socket(port: server.port)
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let head = """
            GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(authorization)\r\n
            """
        try socket.send(Array(head.utf8))
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let index = buffer.indices.first(where: { buffer[$0...].starts(with: end) }) {
                let answer = String(decoding: buffer[..<index], as: UTF8.self)
                guard answer.hasPrefix("HTTP/1.1 101 ") else { throw TestFailure(answer) }
                buffer.removeFirst(index + end.count)
                return
            }
            try more()
        }
    }

    func send(_ message: JSON) throws {
        let payload = Array(message.text.utf8)
        var bytes: [UInt8] = [0x81]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0x80 | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        let key: [UInt8] = [1, 2, 3, 4]
        try socket.send(bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] })
    }

    /// The payload of the next frame, and its opcode.
    func next() throws -> (opcode: UInt8, payload: [UInt8]) {
        try fill(2)
        var (length, start) = (Int(buffer[1]), 2)
        if length > 125 {
            start = length == 126 ? 4 : 10
            try fill(start)
            length = buffer[2..<start].reduce(0) { $0 << 8 | Int($1) }
        }
        try fill(start + length)
        defer { buffer.removeFirst(start + length) }
        return (buffer[0] & 0x0F, Array(buffer[start..<start + length]))
    }

    /// The events up to the one that ends a response, or an error that is an answer of its own.
    func turn(_ message: JSON) throws -> [JSON] {
        try send(message)
        var events: [JSON] = []
        while true {
            let (opcode, payload) = try next()
            guard opcode == 1 else { throw TestFailure("opcode \(opcode)") }
            let event = try JSON(String(decoding: payload, as: UTF8.self))
            events.append(event)
            switch event["type"]?.string {
            case "response.completed", "response.incomplete", "response.failed": return events
            case "error" where events.count == 1: return events
            default: break
            }
        }
    }

    private func fill(_ count: Int) throws {
        while buffer.count < count { try more() }
    }

    private func more() throws {
        let bytes = try socket.receive()
        guard !bytes.isEmpty else { throw TestFailure("the connection ended") }
        buffer += bytes
    }
}
