import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayServer
import Testing

private typealias S = RunningServer
private typealias C = SocketClient

@Suite("The frames of a WebSocket", .timeLimit(.minutes(3)))
struct WebSocketFrameTests {
    private static let create = Array(#"{"type":"response.create","model":"test","input":"hi"}"#.utf8)

    private func code(after bytes: [UInt8], configure: (inout ServerConfiguration) -> Void = { _ in }) async throws
        -> Int?
    {
        var code: Int?
        try await S.with(configure: configure) { server in
            let socket = try await server.socket()
            try await socket.raw.send(bytes)
            code = try await socket.closed().code
        }
        return code
    }

    @Test("a frame that isn't masked is a protocol error")
    func unmasked() async throws {
        #expect(try await code(after: C.frame(Self.create, isMasked: false)) == 1002)
    }

    @Test("reserved bits and unknown opcodes are protocol errors, and no compression is agreed on")
    func reserved() async throws {
        #expect(try await code(after: C.frame(Self.create, reserved: 0x40)) == 1002)
        #expect(try await code(after: C.frame(Self.create, opcode: 3)) == 1002)
        #expect(try await code(after: C.frame([], opcode: 11)) == 1002)
    }

    @Test("a message that isn't text is refused with 1003, text that isn't UTF-8 with 1007")
    func payloads() async throws {
        #expect(try await code(after: C.frame(Self.create, opcode: 2)) == 1003)
        #expect(try await code(after: C.frame([0x22, 0xC3, 0x28, 0x22])) == 1007)
        let halves = C.frame([0x22, 0xC3], fin: false) + C.frame([0x22], opcode: 0)
        #expect(try await code(after: halves) == 1007)
    }

    @Test("a message over the body's limit is refused with 1009, whole or in fragments, and before it has come")
    func tooBig() async throws {
        let limit = { (configuration: inout ServerConfiguration) in configuration.bodyLimit = 1000 }
        let piece = [UInt8](repeating: 0x20, count: 600)
        #expect(try await code(after: C.frame(piece + piece), configure: limit) == 1009)
        #expect(
            try await code(after: C.frame(piece, fin: false) + C.frame(piece, opcode: 0), configure: limit) == 1009)
        let huge: [UInt8] = [0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0]
        #expect(try await code(after: huge + [1, 2, 3, 4], configure: limit) == 1009)
        let negative: [UInt8] = [0x81, 0xFF] + [UInt8](repeating: 0xFF, count: 8)
        #expect(try await code(after: negative, configure: limit) == 1009)
    }

    @Test("a continuation of nothing and a message within a message are protocol errors")
    func fragments() async throws {
        #expect(try await code(after: C.frame(Self.create, opcode: 0)) == 1002)
        #expect(try await code(after: C.frame([0x7B], fin: false) + C.frame(Self.create)) == 1002)
    }

    @Test("control frames that are fragments or too long are protocol errors")
    func controlFrames() async throws {
        #expect(try await code(after: C.frame([], opcode: 9, fin: false)) == 1002)
        #expect(try await code(after: C.frame([UInt8](repeating: 0, count: 126), opcode: 9)) == 1002)
    }

    @Test("fragments are joined, with control frames between them, however they are cut")
    func joined() async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            let (head, tail) = (Array(Self.create.prefix(7)), Array(Self.create.dropFirst(7)))
            let bytes =
                C.frame(head, fin: false) + C.frame(Array("are you there?".utf8), opcode: 9)
                + C.frame([], opcode: 0, fin: false) + C.frame([], opcode: 10) + C.frame(tail, opcode: 0)
            for byte in bytes { try await socket.raw.send([byte]) }
            let pong = try await socket.next()
            #expect(pong.first == 0x8A && pong.text == "are you there?")
            #expect(try await socket.turn().last?.root["type"]?.string == "response.completed")
            try await socket.raw.close()
        }
    }

    @Test("a large message comes whole, and so does a large event")
    func large() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            let text = String(repeating: "long ", count: 30_000)
            try await socket.send(#"{"type":"response.create","model":"test","input":"\#(text)"}"#)
            let call = await server.provider.nextCall()
            #expect(String(decoding: call.request.body, as: UTF8.self).contains(text))
            try await call.say(text)
            try await call.end()
            let events = try await socket.turn()
            #expect(events.contains { $0.root["delta"]?.string == text })
            try await socket.raw.close()
        }
    }

    @Test("a client's close is answered with its code, and the connection ends")
    func clientCloses() async throws {
        #expect(try await code(after: C.frame([0x03, 0xE8], opcode: 8)) == 1000)
        #expect(try await code(after: C.frame([0x0F, 0xA0, 0x62], opcode: 8)) == 4000)
        #expect(try await code(after: C.frame([], opcode: 8)) == nil)
    }

    @Test("a close code that nobody may send, half of one, or a reason that isn't UTF-8 are errors")
    func closeCodes() async throws {
        #expect(try await code(after: C.frame([0x03, 0xED], opcode: 8)) == 1002)
        #expect(try await code(after: C.frame([0x03], opcode: 8)) == 1002)
        #expect(try await code(after: C.frame([0x03, 0xE8, 0xFF], opcode: 8)) == 1007)
    }

    @Test("random bytes never do more than close their own connection", arguments: 0..<60)
    func fuzz(seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        try await S.with(echo: true, configure: { $0.bodyLimit = 4096 }) { server in
            let other = try await server.socket()
            let client = try await server.connect()
            var bytes = Array(SocketClient.handshake().utf8)
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let payload = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                switch Int.random(in: 0...5, using: &random) {
                case 0: bytes += payload
                case 1: bytes += C.frame(Self.create)
                case 2: bytes += C.frame(payload, opcode: 9, isMasked: payload.count % 3 > 0)
                case 3: bytes += C.frame(payload, fin: payload.count % 2 == 0)
                case 4: bytes += C.frame(payload, opcode: UInt8.random(in: 0...15, using: &random))
                default: bytes += C.frame(Array(#"{"type":"response.create"}"#.utf8))
                }
            }
            // The server may close before it has all.
            try? await client.send(bytes)
            try? await client.send(C.frame([], opcode: 8))
            try await client.close()
            #expect(
                try await other.ask(#"{"type":"response.create","model":"test","input":"hi"}"#).root["type"]?.string
                    == "response.completed")
            try await other.raw.close()
        }
    }
}
