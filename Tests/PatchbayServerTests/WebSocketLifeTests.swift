import Logging
import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayServer
import Testing

private typealias S = RunningServer
private typealias C = SocketClient

@Suite("The life of a WebSocket", .timeLimit(.minutes(3)))
struct WebSocketLifeTests {
    private static let create = #"{"type":"response.create","model":"test","input":"hi"}"#

    @Test("draining closes idle WebSockets with 1001, and lets a turn end before it closes its own")
    func drain() async throws {
        try await S.with { server in
            let idle = try await server.socket()
            let busy = try await server.socket()
            try await busy.send(Self.create)
            let call = await server.provider.nextCall()
            async let drained: Void = server.server.drain(timeout: .seconds(30))
            #expect(try await idle.closed().code == 1001)
            try await call.say("to the end")
            try await call.end()
            #expect(try await busy.turn().last?.root["type"]?.string == "response.completed")
            #expect(try await busy.closed().code == 1001)
            await drained
        }
    }

    @Test("a turn that outlasts the draining is ended with its terminal event")
    func stop() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(Self.create)
            let call = await server.provider.nextCall()
            try await call.say("some")
            await server.server.drain(timeout: .milliseconds(10))
            #expect(try await call.cancelled() == .shutdown)
            #expect(try await socket.turn().last?.root["type"]?.string == "response.failed")
            #expect(try await socket.closed().code == 1001)
        }
    }

    @Test("a WebSocket that is too old is told so and closed, and no turn is cut for it")
    func age() async throws {
        try await S.with(configure: { $0.webSocket.maxAge = .seconds(3) }) { server in
            let idle = try await server.socket()
            let busy = try await server.socket()
            try await busy.send(Self.create)
            let call = await server.provider.nextCall()
            let error = try await idle.event().root
            #expect(error["type"]?.string == "error" && error["status"]?.int == 400)
            #expect(error["error"]?["code"]?.string == "websocket_connection_limit_reached")
            #expect(try await idle.closed().code == 1001)
            // By now the other is too old as well.
            try await call.end()
            #expect(try await busy.turn().last?.root["type"]?.string == "response.completed")
            #expect(
                try await busy.event().root["error"]?["code"]?.string == "websocket_connection_limit_reached")
            #expect(try await busy.closed().code == 1001)
        }
    }

    @Test("a silent client is asked whether it is there, and closed if it doesn't say so")
    func ping() async throws {
        try await S.with(configure: { $0.webSocket.pingInterval = .milliseconds(50) }) { server in
            let socket = try await server.socket()
            #expect(try await socket.next().first == 0x89)
            #expect(try await socket.raw.untilClosed().isEmpty)
            try await socket.raw.close()
            while server.server.openWebSockets > 0 { await Task.yield() }
        }
    }

    @Test("a message that doesn't come whole in time ends the connection with 1008", arguments: [true, false])
    func slowMessage(isFragment: Bool) async throws {
        try await S.with(configure: { $0.requestTimeout = .milliseconds(50) }) { server in
            let socket = try await server.socket()
            let bytes = isFragment ? C.frame([0x7B], fin: false) : Array(C.frame(Self.create).dropLast())
            try await socket.raw.send(bytes)
            #expect(try await socket.closed().code == 1008)
        }
    }

    @Test("a client that goes away ends its turn, and the count of open WebSockets goes down")
    func gone() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(Self.create)
            let call = await server.provider.nextCall()
            #expect(server.server.openWebSockets == 1)
            try await socket.raw.close()
            #expect(try await call.cancelled() == .clientGone)
            while server.server.openWebSockets > 0 { await Task.yield() }
        }
    }

    @Test("a client that closes within a turn ends it")
    func closesWithinTurn() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(Self.create)
            let call = await server.provider.nextCall()
            try await socket.raw.send(C.frame([0x03, 0xE8], opcode: 8))
            #expect(try await call.cancelled() == .clientGone)
            try await socket.raw.close()
        }
    }

    @Test("a slow reader pauses its own turn until it reads on, and misses nothing")
    func slowReader() async throws {
        try await S.with { server in
            let client = try await RawClient.connect(to: server.address, readsAtOnce: false, receiveBuffer: 16 << 10)
            try await client.send(Array(C.handshake().utf8) + C.frame(Self.create))
            let call = await server.provider.nextCall()
            let text = String(repeating: "slow", count: 1000)
            let count = try await call.sayUntilPaused(text)
            #expect(count < 50_000)
            // Another isn't slowed.
            let other = try await server.socket()
            try await other.send(Self.create)
            try await server.provider.nextCall().end()
            _ = try await other.turn()
            try await client.startReading()
            #expect(try await client.answer(hasBody: false).status == 101)
            try await call.resumed()
            try await call.end()
            let events = try await SocketClient(raw: client).turn()
            #expect(events.count { $0.root["type"]?.string == "response.output_text.delta" } == count)
            #expect(events.map { $0.root["sequence_number"]?.int } == Array(0..<events.count))
            try await client.close()
            try await other.raw.close()
        }
    }

    @Test("a client that takes nothing is closed")
    func deadReader() async throws {
        try await S.with(configure: { $0.writeTimeout = .milliseconds(100) }) { server in
            let client = try await RawClient.connect(to: server.address, readsAtOnce: false, receiveBuffer: 16 << 10)
            try await client.send(Array(C.handshake().utf8) + C.frame(Self.create))
            let call = await server.provider.nextCall()
            _ = try await call.sayUntilPaused(String(repeating: "dead", count: 1000))
            #expect(try await call.cancelled() == .clientGone)
            while server.server.openWebSockets > 0 { await Task.yield() }
            try await client.close()
        }
    }

    @Test("each turn and each connection has its line in the log, without what was said")
    func log() async throws {
        let lines = LogLines()
        try await S.with(echo: true, logger: Logger(label: "test") { _ in lines }) { server in
            let socket = try await server.socket()
            _ = try await socket.ask(Self.create.replacing("hi", with: "secret"))
            _ = try await socket.ask(Self.create.replacing("\"test\"", with: "\"nothing\""))
            try await socket.raw.send(C.frame([0x03, 0xE8], opcode: 8))
            _ = try await socket.closed()
            while server.server.openWebSockets > 0 { await Task.yield() }
        }
        let all = lines.all
        try #require(all.count == 4)
        #expect(all[0]["status"] == "101" && all[0]["path"] == "/v1/responses" && all[0]["method"] == "GET")
        #expect(all[1]["status"] == "200" && all[1]["method"] == "WEBSOCKET")
        #expect(all[2]["status"] == "404" && all[2]["request_id"] != all[1]["request_id"])
        #expect(all[3]["code"] == "1000" && all[3]["turns"] == "2")
        #expect(all[3]["request_id"] == all[0]["request_id"])
        #expect(!"\(all)".contains("secret"))
    }
}
