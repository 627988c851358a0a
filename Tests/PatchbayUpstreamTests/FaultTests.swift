import NIOCore
import PatchbayUpstream
import Testing

@Suite struct FaultTests {
    let harness = Harness()

    private func outcome(
        of request: UpstreamRequest, _ script: @escaping TestServer.Script
    ) async throws -> UpstreamOutcome? {
        let server = try await TestServer.start(script)
        var request = request
        request.url = server.url
        let outcome = try await harness.perform(request).outcome
        try await server.stop()
        return outcome
    }

    private func sends(_ reply: String) -> TestServer.Script {
        { _, peer in peer.send(reply) }
    }

    private let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

    @Test(
        "what is no HTTP/1.1 is a protocol error",
        arguments: [
            "HTTP/2.0 200 OK\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcX0\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ])
    func malformed(reply: String) async throws {
        let outcome = try await outcome(of: UpstreamRequest(url: ""), sends(reply))
        guard case .protocolError = outcome?.reason else {
            Issue.record("\(String(describing: outcome))")
            return
        }
    }

    @Test(
        "a connection lost before the reply's end is a reset",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nx", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ])
    func truncated(reply: String) async throws {
        let closed = try await outcome(of: UpstreamRequest(url: "")) { _, peer in peer.sendAndClose(reply) }
        #expect(closed == UpstreamOutcome(.reset, requestSent: true))
    }

    @Test("what came before a TCP reset is delivered")
    func reset() async throws {
        let gate = Gate()
        let server = try await TestServer.start { _, peer in
            peer.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\n")
            gate.pass { peer.reset() }
        }
        let reply = try await harness.perform(
            UpstreamRequest(url: server.url, framing: .sse), .init(event: { _, _ in gate.open() }))
        #expect(reply.eventTexts == ["a"])
        #expect(reply.outcome?.reason == .reset)
        try await server.stop()
    }

    @Test(
        "each time limit ends the call and closes its connection",
        arguments: [
            ("", UpstreamTimeouts(head: .milliseconds(30)), .head),
            ("HTTP/1.1 100 Continue\r\n\r\n", UpstreamTimeouts(head: .milliseconds(30)), .head),
            ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", UpstreamTimeouts(idle: .milliseconds(30)), .idle),
            ("HTTP/1.1 200 OK\r\n\r\n", UpstreamTimeouts(total: .milliseconds(30)), .total),
        ] as [(String, UpstreamTimeouts, UpstreamOutcome.Phase)])
    func timeouts(reply: String, timeouts: UpstreamTimeouts, phase: UpstreamOutcome.Phase) async throws {
        let server = try await TestServer.start { request, peer in
            if request.number == 1 { peer.reply("") } else { peer.send(reply) }
        }
        // The connection is there before, so that the time is not spent on making it.
        _ = try await harness.get(server.url)
        let outcome = try await harness.get(server.url) { $0.timeouts = timeouts }.outcome
        #expect(outcome == UpstreamOutcome(.timeout(phase), requestSent: true))
        await server.wait(for: .closed(1))
        try await server.stop()
    }

    @Test("the limit for connecting holds while waiting for a connection, and nothing was sent")
    func connectTimeout() async throws {
        let harness = Harness { $0.maxConnectionsPerDestination = 1 }
        let server = try await TestServer.start { _, _ in }
        let first = harness.begin(
            UpstreamRequest(url: server.url), .init(done: {}))
        await server.wait(for: .request(1))
        let outcome = try await harness.get(server.url) { $0.timeouts.connect = .milliseconds(30) }.outcome
        #expect(outcome == UpstreamOutcome(.timeout(.connect), requestSent: false))
        try await server.stop()
        #expect(try await first.get().outcome?.reason == .reset)
    }

    @Test("nobody listening is told as refused, an unknown name as dns")
    func noConnection() async throws {
        let server = try await TestServer.start { _, _ in }
        try await server.stop()
        let refused = try await harness.get(server.url).outcome
        #expect(refused == UpstreamOutcome(.refused, requestSent: false))
        let unknown = try await harness.get("http://no-such-host.invalid/").outcome
        #expect(
            unknown == UpstreamOutcome(.dns("the name no-such-host.invalid could not be resolved"), requestSent: false))
    }

    @Test("a head over the limit ends the call, that of the call and that of the client")
    func headerLimit() async throws {
        let reply = "HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 2000) + "\r\ncontent-length: 0\r\n\r\n"
        var request = UpstreamRequest(url: "")
        request.limits.maxHeaderBytes = 1000
        #expect(try await outcome(of: request, sends(reply))?.reason == .limit(.headerBytes))
        request.limits.maxHeaderBytes = 3000
        #expect(try await outcome(of: request, sends(reply))?.reason == .ok)
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "x: yyyyyyyyyyyyyyyyyyyy\r\n", count: 20_000) + "\r\n"
        #expect(try await outcome(of: request, sends(many))?.reason == .limit(.headerBytes))
    }

    @Test("a body over the limit ends the call before it is delivered")
    func bodyLimit() async throws {
        var request = UpstreamRequest(url: "")
        request.limits.maxBodyBytes = 4
        let reply = chunked + "4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n"
        #expect(try await outcome(of: request, sends(reply))?.reason == .limit(.bodyBytes))
    }

    @Test("an event over the limit ends the call")
    func eventLimit() async throws {
        var request = UpstreamRequest(url: "", framing: .sse)
        request.limits.maxEventBytes = 8
        let type = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        #expect(try await outcome(of: request, sends(type + "data: ab\n\ndata: abc"))?.reason == .limit(.eventBytes))
    }
}
