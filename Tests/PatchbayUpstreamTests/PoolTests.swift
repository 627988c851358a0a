import NIOCore
import NIOPosix
import PatchbayUpstream
import Testing

@Suite struct PoolTests {
    @Test("calls one after another use one connection, also from within the end of the one before")
    func reuse() async throws {
        let harness = Harness()
        let server = try await TestServer.start { request, peer in peer.reply("\(request.number)") }
        for number in 1...5 { #expect(try await harness.get(server.url).text == "\(number)") }
        let second = harness.loop.makePromise(of: Recorded.self)
        let url = server.url
        _ = try await harness.perform(
            UpstreamRequest(method: "GET", url: url),
            .init(done: { harness.begin(UpstreamRequest(method: "GET", url: url)).cascade(to: second) }))
        #expect(try await second.futureResult.get().text == "7")
        #expect(server.accepted == 1)
        try await server.stop()
    }

    @Test("each loop has its own connections")
    func perLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let client = Harness().client
        let server = try await TestServer.start { _, peer in peer.reply("") }
        for loop in [group.next(), group.next()] {
            for _ in 0..<2 { _ = try await Harness(client: client, loop: loop).get(server.url) }
        }
        #expect(server.accepted == 2)
        try await server.stop()
        try await group.shutdownGracefully()
    }

    @Test(
        "a connection that either side wants closed is not used again",
        arguments: [
            ("connection: close\r\n", "HTTP/1.1", []), ("", "HTTP/1.0", []),
            ("", "HTTP/1.1", [("connection", "close")]),
        ] as [(String, String, [(String, String)])])
    func close(header: String, version: String, requestHeaders: [(String, String)]) async throws {
        let harness = Harness()
        let server = try await TestServer.start { _, peer in
            peer.send("\(version) 200 OK\r\n\(header)content-length: 2\r\n\r\nhi")
        }
        for _ in 0..<2 {
            #expect(try await harness.get(server.url) { $0.headers = requestHeaders }.text == "hi")
        }
        await server.wait(for: .closed(2))
        #expect(server.accepted == 2)
        try await server.stop()
    }

    @Test("a connection that the upstream closes on a request it did not look at is replaced, once and unseen")
    func stale() async throws {
        let harness = Harness()
        let server = try await TestServer.start { request, peer in
            if request.connection == 1, request.number == 2 {
                peer.close()
            } else {
                peer.reply("\(request.connection)")
            }
        }
        #expect(try await harness.get(server.url).text == "1")
        let reply = try await harness.perform(UpstreamRequest(url: server.url, body: ByteBuffer(string: "again")))
        #expect(reply.text == "2")
        #expect(reply.order == ["head", "data", "done"])
        #expect(server.requests.map(\.body) == ["", "again", "again"])
        try await server.stop()
    }

    @Test("a request that a fresh connection loses is not sent again")
    func freshLoss() async throws {
        let harness = Harness()
        let server = try await TestServer.start { request, peer in
            if request.number == 2 || request.connection == 2 { peer.reset() } else { peer.reply("ok") }
        }
        _ = try await harness.get(server.url)
        // Lost on the reused one, sent again on a fresh one, lost there: that is the end.
        let reply = try await harness.get(server.url)
        #expect(reply.outcome == UpstreamOutcome(.reset, requestSent: true))
        #expect(server.requests.count == 3)
        try await server.stop()
    }

    @Test("a request is not sent again once a byte of the reply has come")
    func lossAfterHead() async throws {
        let harness = Harness()
        let server = try await TestServer.start { request, peer in
            if request.number == 1 {
                peer.reply("ok")
            } else {
                peer.sendAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab")
            }
        }
        _ = try await harness.get(server.url)
        let reply = try await harness.get(server.url)
        #expect(reply.text == "ab")
        #expect(reply.outcome == UpstreamOutcome(.reset, requestSent: true))
        #expect(server.requests.count == 2)
        try await server.stop()
    }

    @Test("bytes behind a reply never become the next call's")
    func leftover() async throws {
        let harness = Harness()
        let server = try await TestServer.start { _, peer in
            peer.send(
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")
        }
        for _ in 0..<3 { #expect(try await harness.get(server.url).text == "ok") }
        #expect(server.accepted == 3)
        try await server.stop()
    }

    @Test("over the limit of connections calls wait their turn, over the limit of waiting they are refused")
    func bounds() async throws {
        let gate = Gate()
        let harness = Harness {
            $0.maxConnectionsPerDestination = 2
            $0.maxQueuedPerDestination = 3
        }
        let server = try await TestServer.start { _, peer in
            gate.pass { peer.reply("ok") }
        }
        let request = UpstreamRequest(method: "GET", url: server.url)
        let calls = (0..<5).map { _ in harness.begin(request) }
        await server.wait(for: .request(1))
        let refused = harness.begin(request)
        await #expect(throws: UpstreamRequestError.self) { try await refused.get() }
        gate.open()
        for call in calls { #expect(try await call.get().text == "ok") }
        #expect(server.accepted == 2)
        try await server.stop()
    }

    @Test("idle connections over the limit, or for too long, are closed")
    func idle() async throws {
        let gate = Gate()
        let harness = Harness {
            $0.maxIdlePerDestination = 1
            $0.idleTimeout = .milliseconds(30)
        }
        let server = try await TestServer.start { _, peer in
            gate.pass { peer.reply("ok") }
        }
        let calls = (0..<2).map { _ in harness.begin(UpstreamRequest(method: "GET", url: server.url)) }
        await server.wait(for: .request(1))
        await server.wait(for: .request(2))
        gate.open()
        for call in calls { _ = try await call.get() }
        await server.wait(for: .closed(1))
        await server.wait(for: .closed(2))
        try await server.stop()
    }

    @Test("shutdown closes what is idle at once, and what is in use after its end")
    func shutdown() async throws {
        let gate = Gate()
        let harness = Harness()
        let server = try await TestServer.start { request, peer in
            if request.head.hasPrefix("GET /held") { gate.pass { peer.reply("ok") } } else { peer.reply("ok") }
        }
        let held = harness.begin(UpstreamRequest(method: "GET", url: server.url + "held"))
        await server.wait(for: .request(1))
        _ = try await harness.get(server.url)
        harness.client.shutdown()
        await server.wait(for: .closed(2))
        gate.open()
        #expect(try await held.get().text == "ok")
        await server.wait(for: .closed(1))
        try await server.stop()
    }
}
