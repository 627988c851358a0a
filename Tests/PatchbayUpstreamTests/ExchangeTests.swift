import NIOCore
import PatchbayUpstream
import Testing

@Suite struct ExchangeTests {
    let harness = Harness()

    /// Serves one fixed reply to every request.
    private func serving(_ reply: String, close: Bool = false) async throws -> TestServer {
        try await TestServer.start { _, peer in if close { peer.sendAndClose(reply) } else { peer.send(reply) } }
    }

    @Test("the request goes out word for word")
    func request() async throws {
        let server = try await TestServer.start { _, peer in peer.reply("hi") }
        let reply = try await harness.perform(
            UpstreamRequest(
                url: "http://127.0.0.1:\(server.port)/v1/x%20y?q=1#part", headers: [("X-One", "a"), ("X-One", "ä")],
                body: ByteBuffer(string: "{}")))
        #expect(reply.status == 200)
        #expect(reply.text == "hi")
        #expect(reply.outcome == UpstreamOutcome(.ok, requestSent: true))
        #expect(reply.order == ["head", "data", "done"])
        let request = try #require(server.requests.first)
        #expect(
            request.head == """
                POST /v1/x%20y?q=1 HTTP/1.1\r\nX-One: a\r\nX-One: ä\r\nhost: 127.0.0.1:\(server.port)\r\n\
                user-agent: patchbay\r\ncontent-length: 2
                """)
        #expect(request.body == "{}")
        try await server.stop()
    }

    @Test(
        "a body by length, in chunks, until the end, or none, is had whole",
        arguments: [
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello", false),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nt: x\r\n\r\n",
                "hello", false
            ),
            ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", true),
            ("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", "", false),
            ("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", "", false),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
                "hi", false
            ),
            ("HTTP/1.1 500 Oops\r\ncontent-length: 3\r\n\r\nbad", "bad", false),
        ])
    func bodies(reply: String, body: String, closes: Bool) async throws {
        let server = try await serving(reply, close: closes)
        let whole = try await harness.get(server.url)
        #expect(whole.text == body)
        #expect(whole.outcome?.reason == .ok)
        try await server.stop()
    }

    @Test("a reply that comes byte by byte is the same")
    func dribble() async throws {
        let server = try await TestServer.start { _, peer in
            peer.sendEachByte(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                    + "13\r\nevent: a\ndata: é\n\n\r\n9\r\ndata: b\n\n\r\n0\r\n\r\n")
        }
        let reply = try await harness.get(server.url) { $0.framing = .sse }
        #expect(reply.eventTexts == ["é", "b"])
        #expect(reply.events.first?.name == ByteBuffer(string: "a"))
        #expect(reply.outcome?.reason == .ok)
        try await server.stop()
    }

    @Test("a reply to HEAD has no body whatever its length says")
    func head() async throws {
        let server = try await serving("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
        for _ in 0..<2 {
            let reply = try await harness.get(server.url) { $0.method = "HEAD" }
            #expect(reply.status == 200)
            #expect(reply.outcome?.reason == .ok)
        }
        #expect(server.accepted == 1)
        try await server.stop()
    }

    @Test("a framed reply comes as events, with the read's end after them")
    func events() async throws {
        let gate = Gate()
        let server = try await TestServer.start { _, peer in
            peer.send(
                "HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\ncontent-length: 27\r\n\r\n"
                    + "data: a\n\ndata: b\n\ndata: cu")
            gate.pass { peer.send("t") }
        }
        let recorded = try await harness.perform(
            UpstreamRequest(url: server.url, framing: .sse),
            .init(event: { _, event in
                if event.data == ByteBuffer(string: "b") { gate.open() }
            }))
        #expect(recorded.head?.framing == .sse)
        #expect(recorded.order == ["head", "event", "event", "read", "done"])
        #expect(recorded.outcome == UpstreamOutcome(.ok, requestSent: true, endedInsideEvent: true))
        try await server.stop()
    }

    @Test("lines of NDJSON come as events, the last one without its end")
    func ndjson() async throws {
        let server = try await serving(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ncontent-length: 9\r\n\r\n{\"a\":1}\n2")
        let reply = try await harness.get(server.url) { $0.framing = .ndjson }
        #expect(reply.eventTexts == ["{\"a\":1}", "2"])
        #expect(reply.outcome?.reason == .ok)
        try await server.stop()
    }

    @Test(
        "an error, or another content type, comes as data though events were asked for",
        arguments: [
            ("429 Too Many Requests", "text/event-stream"), ("200 OK", "application/json"),
            ("200 OK", "text/event-streams"),
        ])
    func unframed(status: String, type: String) async throws {
        let server = try await TestServer.start { _, peer in
            peer.reply("data: x\n\n", status: status, headers: "content-type: \(type)\r\n")
        }
        let reply = try await harness.get(server.url) { $0.framing = .sse }
        #expect(reply.text == "data: x\n\n")
        #expect(reply.head?.framing == .bytes)
        try await server.stop()
    }

    @Test("a large body goes up whole, and a reply that comes before its end is had")
    func earlyReply() async throws {
        let server = try await TestServer.start { request, peer in peer.reply("\(request.body.utf8.count)") }
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: 3_000_000)
        let reply = try await harness.perform(UpstreamRequest(url: server.url, body: body))
        #expect(reply.text == "3000000")
        try await server.stop()
    }
}
