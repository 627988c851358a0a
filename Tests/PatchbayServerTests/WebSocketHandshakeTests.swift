import PatchbayJSON
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("The handshake of a WebSocket", .timeLimit(.minutes(3)))
struct WebSocketHandshakeTests {
    private let keys = KeyRing([KeyRing.Key(owner: "a", key: "key-a-0123456789")])

    @Test("is answered as RFC 6455's example has it")
    func accepted() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(SocketClient.handshake())
            let answer = try await client.answer(hasBody: false)
            #expect(answer.status == 101)
            #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(answer.headers["upgrade"] == "websocket" && answer.headers["connection"] == "Upgrade")
            #expect(answer.headers["sec-websocket-extensions"] == nil)
            #expect(answer.headers["x-request-id"]?.hasPrefix("req_") == true)
            #expect(server.server.openWebSockets == 1)
            try await client.close()
        }
    }

    @Test("needs a key like every request, and is refused with 401 before anything else is looked at")
    func unauthenticated() async throws {
        try await S.with(keys: keys) { server in
            let answer = try await server.ask(SocketClient.handshake("Sec-WebSocket-Version: 12\r\n"))
            #expect(answer.status == 401)
            let wrong = try await server.ask(
                SocketClient.handshake("Sec-WebSocket-Version: 13\r\nAuthorization: Bearer nobodys\r\n"))
            #expect(wrong.status == 401 && wrong.headers["connection"] == "close")
            let right = try await server.socket(
                headers: "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer key-a-0123456789\r\n")
            try await right.raw.close()
        }
    }

    @Test("is answered 426 where WebSockets are switched off, and HTTP goes on working")
    func disabled() async throws {
        try await S.with(echo: true, configure: { $0.webSocket.isEnabled = false }) { server in
            let answer = try await server.ask(SocketClient.handshake())
            #expect(answer.status == 426)
            #expect(answer.body.contains("websocket_disabled") && answer.headers["upgrade"] == "HTTP/1.1")
            #expect(try await server.ask(S.whole).status == 200)
        }
    }

    @Test("of another version is answered 426, with the version that is spoken")
    func version() async throws {
        try await S.with { server in
            let answer = try await server.ask(SocketClient.handshake("Sec-WebSocket-Version: 8\r\n"))
            #expect(answer.status == 426)
            #expect(answer.headers["sec-websocket-version"] == "13" && answer.headers["upgrade"] == "websocket")
        }
    }

    @Test(
        "with a key that isn't 16 bytes, or with a body, is a 400",
        arguments: [
            "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==A", "dGhlIHNhbXBsZSBub25j====",
            "?!hlIHNhbXBsZSBub25jZQ==",
        ])
    func key(key: String) async throws {
        try await S.with { server in
            let wrongKey = try await server.ask(SocketClient.handshake(key: key))
            #expect(wrongKey.status == 400 && wrongKey.body.contains("Sec-WebSocket-Key"))
            let head = SocketClient.handshake("Sec-WebSocket-Version: 13\r\nContent-Length: 2\r\n")
            let withBody = try await server.ask(head + "{}")
            #expect(withBody.status == 400 && withBody.body.contains("body"))
        }
    }

    @Test("is known on /v1/responses alone, with GET, and with both headers that ask for it")
    func elsewhere() async throws {
        try await S.with { server in
            let models = try await server.ask(SocketClient.handshake(path: "/v1/models"))
            #expect(models.status == 200)
            #expect(try await server.ask(SocketClient.handshake(path: "/v1/nothing")).status == 404)
            let other = "Upgrade: h2c\r\nConnection: Upgrade\r\n"
            #expect(try await server.ask(S.get("/v1/responses", headers: other)).status == 405)
            let half = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            #expect(try await server.ask(S.get("/v1/responses", headers: half)).status == 405)
        }
    }

    @Test("from a page of another origin is refused where there are no keys, and taken where the key says who asks")
    func origin() async throws {
        let version = "Sec-WebSocket-Version: 13\r\n"
        try await S.with { server in
            let answer = try await server.ask(SocketClient.handshake(version + "Origin: https://evil.example\r\n"))
            #expect(answer.status == 403 && answer.body.contains("origin_not_allowed"))
            let own = try await server.socket(headers: version + "Origin: http://test\r\n")
            try await own.raw.close()
        }
        try await S.with(keys: keys) { server in
            let any = try await server.socket(
                headers: version + "Origin: https://app.example\r\nAuthorization: Bearer key-a-0123456789\r\n")
            try await any.raw.close()
        }
    }

    @Test("one too many is told so, and there is room again once another has closed")
    func tooMany() async throws {
        try await S.with(configure: { $0.webSocket.maxConnections = 1 }) { server in
            let first = try await server.socket()
            let answer = try await server.ask(SocketClient.handshake())
            #expect(answer.status == 503 && answer.headers["retry-after"] == "1")
            #expect(answer.body.contains("too_many_websockets"))
            try await first.raw.send(SocketClient.frame([], opcode: 8))
            _ = try await first.closed()
            while server.server.openWebSockets > 0 { await Task.yield() }
            let second = try await server.socket()
            try await second.raw.close()
        }
    }

    @Test("may come after other requests of its connection, and its frames right behind it")
    func pipelined() async throws {
        try await S.with(echo: true) { server in
            let client = try await server.connect()
            let message = SocketClient.frame(#"{"type":"response.create","model":"test","input":"hi"}"#)
            try await client.send(Array((S.whole + SocketClient.handshake()).utf8) + message)
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer(hasBody: false).status == 101)
            let last = try await SocketClient(raw: client).turn().last
            #expect(last?.root["type"]?.string == "response.completed")
            try await client.close()
        }
    }
}
