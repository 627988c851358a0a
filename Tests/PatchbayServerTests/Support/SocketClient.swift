import NIOCore
import PatchbayJSON
import Testing

/// A WebSocket's client whose every frame is made by hand, so that a test can send wrong ones.
struct SocketClient: Sendable {
    let raw: RawClient

    /// A frame as the server sent it.
    struct Frame: Sendable, Equatable {
        var first: UInt8
        var payload: [UInt8]

        var opcode: UInt8 { first & 0x0F }
        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame; nil where there is none.
        var closeCode: Int? {
            opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
        }

        var event: JSONDocument {
            get throws { try JSONDocument.parse(payload) }
        }

        var type: String {
            get throws { try #require(event.root["type"]?.string) }
        }
    }

    static func handshake(
        _ headers: String = "Sec-WebSocket-Version: 13\r\n", key: String = "dGhlIHNhbXBsZSBub25jZQ==",
        path: String = "/v1/responses"
    ) -> String {
        RunningServer.get(
            path, headers: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: \(key)\r\n\(headers)")
    }

    static func frame(
        _ payload: [UInt8], opcode: UInt8 = 1, fin: Bool = true, reserved: UInt8 = 0, isMasked: Bool = true
    ) -> [UInt8] {
        var bytes = [(fin ? 0x80 : 0) | reserved | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ...125: bytes.append(mask | UInt8(payload.count))
        case ...0xFFFF: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [mask | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    static func frame(_ text: String) -> [UInt8] {
        frame(Array(text.utf8))
    }

    func send(_ text: String) async throws {
        try await raw.send(Self.frame(text))
    }

    /// The next frame.
    func next() async throws -> Frame {
        try await raw.next { bytes in
            guard bytes.count >= 2 else { return nil }
            var (length, start) = (Int(bytes[1]), 2)
            if length > 125 {
                let size = length == 126 ? 2 : 8
                guard bytes.count >= 2 + size else { return nil }
                length = bytes[2..<2 + size].reduce(0) { $0 << 8 | Int($1) }
                start = 2 + size
            }
            guard bytes.count >= start + length else { return nil }
            let frame = Frame(first: bytes[0], payload: Array(bytes[start..<start + length]))
            bytes.removeFirst(start + length)
            return frame
        }
    }

    /// The next event.
    func event() async throws -> JSONDocument {
        let frame = try await next()
        try #require(frame.first == 0x81, "\(frame.text)")
        return try frame.event
    }

    /// The events up to the one that ends a response, or an error that is an answer of its own.
    func turn() async throws -> [JSONDocument] {
        var events: [JSONDocument] = []
        while true {
            let event = try await event()
            events.append(event)
            switch event.root["type"]?.string {
            case "response.completed", "response.incomplete", "response.failed": return events
            case "error" where events.count == 1: return events
            default: break
            }
        }
    }

    /// Sends a message and waits for its answer's last event.
    func ask(_ text: String) async throws -> JSONDocument {
        try await send(text)
        return try #require(try await turn().last)
    }

    /// The code and the words of the server's close frame, which must be what comes next; the connection's end follows.
    func closed() async throws -> (code: Int?, reason: String) {
        let frame = try await next()
        try #require(frame.opcode == 8, "\(frame.text)")
        _ = try await raw.untilClosed()
        try await raw.close()
        return (frame.closeCode, String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
    }
}

extension RunningServer {
    /// An open WebSocket.
    func socket(headers: String = "Sec-WebSocket-Version: 13\r\n", receiveBuffer: Int? = nil) async throws
        -> SocketClient
    {
        let client = try await RawClient.connect(to: address, receiveBuffer: receiveBuffer)
        try await client.send(SocketClient.handshake(headers))
        let answer = try await client.answer(hasBody: false)
        try #require(answer.status == 101)
        return SocketClient(raw: client)
    }
}

extension JSONDocument {
    /// The id of the response in an event.
    var responseID: String {
        get throws { try #require(root["response"]?["id"]?.string) }
    }
}
