import Logging
import NIOCore
import PatchbayLifecycle
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("The server's life", .timeLimit(.minutes(3)))
struct LifeTests {
    @Test("a port that is taken is an error that says so")
    func taken() async throws {
        try await S.with { server in
            let port = try #require(server.address.port)
            await #expect {
                try await S.with(configure: { $0.port = port }) { _ in }
            } throws: { error in
                "\(error)".contains("Port \(port) of 127.0.0.1 is taken")
            }
        }
    }

    @Test("draining closes idle connections, lets a stream end, and takes no new connection")
    func drain() async throws {
        try await S.with { server in
            let idle = try await server.connect()
            try await idle.send(S.get("/health"))
            _ = try await idle.answer()
            let client = try await server.connect()
            try await client.send(S.streamed)
            let call = await server.provider.nextCall()
            try await call.say("one")
            try await client.skip(past: "one")

            async let drained: Void = server.server.drain(timeout: .seconds(30))
            _ = try await idle.untilClosed()
            await #expect(throws: (any Error).self) { try await server.connect() }
            try await call.say("two")
            try await client.skip(past: "two")
            try await call.end()
            try await client.skip(past: "event: response.completed\n")
            _ = try await client.untilClosed()
            await drained
        }
    }

    @Test(
        "what is still running when draining has taken too long is ended: a stream by a terminal event, the rest by an answer"
    )
    func drainTimeout() async throws {
        try await S.with { server in
            let stream = try await server.connect()
            try await stream.send(S.streamed)
            let call = await server.provider.nextCall()
            try await call.say("one")
            try await stream.skip(past: "one")
            let whole = try await server.connect()
            try await whole.send(S.whole)
            let other = await server.provider.nextCall()

            await server.server.drain(timeout: .milliseconds(10))
            #expect(try await call.cancelled() == .shutdown)
            #expect(try await other.cancelled() == .shutdown)
            try await stream.skip(past: "event: response.failed\n")
            let answer = try await whole.answer()
            #expect(answer.status == 503)
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test("a connection too many is told so")
    func tooMany() async throws {
        try await S.with(configure: { $0.maxConnections = 1 }) { server in
            let first = try await server.connect()
            try await first.send(S.get("/health"))
            #expect(try await first.answer().status == 200)
            let second = try await server.connect()
            let answer = try await second.answer()
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
            try await first.send(S.get("/health"))
            #expect(try await first.answer().status == 200)
        }
    }

    @Test("an idle connection is closed in time")
    func idle() async throws {
        try await S.with(configure: { $0.keepAliveTimeout = .seconds(3) }) { server in
            let client = try await server.connect()
            try await client.send(S.get("/health"))
            #expect(try await client.answer().status == 200)
            #expect(try await client.untilClosed().isEmpty)
        }
    }

    @Test("random bytes never kill the server", arguments: [1, 2, 3, 4] as [UInt64])
    func garbage(seed: UInt64) async throws {
        try await S.with { server in
            var random = SplitMix(state: seed)
            let words = [
                "GET ", "POST ", "/v1/responses", "/health", " HTTP/1.1\r\n", "\r\n", "\r\n\r\n", "Host: a\r\n", "{",
                "}", "0",
                "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Content-Type: application/json\r\n", "%",
                "\0", "\u{FF}",
                "Upgrade: h2c\r\nConnection: upgrade\r\n", "CONNECT a:1",
            ]
            for _ in 0..<60 {
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...40, using: &random) {
                    if Bool.random(using: &random) {
                        bytes += Array(words.randomElement(using: &random)!.utf8)
                    } else {
                        bytes += (0..<Int.random(in: 1...30, using: &random)).map { _ in
                            .random(in: 0...255, using: &random)
                        }
                    }
                }
                let client = try await server.connect()
                // The server may close before everything is sent.
                try? await client.send(bytes)
                try? await client.close()
            }
            #expect(try await server.ask(S.get("/health")).status == 200)
        }
    }

    @Test("the access line names the path's template and the owner, and nothing that was said")
    func accessLog() async throws {
        let lines = LogLines()
        let logger = Logger(label: "access") { _ in lines }
        let keys = KeyRing([.init(owner: "team-a", key: "secret")])
        try await S.with(echo: true, keys: keys, logger: logger) { server in
            let got = try await server.ask(
                S.get("/v1/responses/resp_private", headers: "Authorization: Bearer secret\r\n"))
            let request = S.post(
                #"{"model":"test","input":"private","stream":true}"#, headers: "Authorization: Bearer secret\r\n")
            let streamed = try await server.ask(request)
            let all = lines.all
            #expect(all.count == 2)
            let first = try #require(all.first)
            #expect(first["path"] == "/v1/responses/{id}")
            #expect(first["status"] == "404")
            #expect(first["owner"] == "team-a")
            #expect(first["request_id"] == got.headers["x-request-id"])
            let second = try #require(all.last)
            #expect(second["path"] == "/v1/responses")
            #expect(second["stream"] == "true")
            #expect(second["bytes"] == "\(streamed.body.utf8.count)")
            #expect(!"\(all)".contains("private"))
            #expect(!"\(all)".contains("secret"))
        }
    }
}
