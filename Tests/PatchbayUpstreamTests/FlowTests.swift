import NIOCore
import NIOPosix
import PatchbayUpstream
import Synchronization
import Testing

@Suite struct FlowTests {
    let harness = Harness()

    @Test("a paused call lets the upstream wait, and loses nothing")
    func backPressure() async throws {
        let total = 64 << 20
        let accepted = Mutex(0)
        let server = try await TestServer.start { request, peer in
            guard request.head.hasPrefix("GET /endless") else { return peer.reply("") }
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n")
            Self.pour(total, into: peer.channel) { count in accepted.withLock { $0 += count } }
        }
        let call = Mutex<NIOLoopBound<UpstreamCall>?>(nil)
        let heard = Mutex(0)
        let loop = harness.loop
        let reply = harness.begin(
            UpstreamRequest(method: "GET", url: server.url + "endless"),
            .init(
                started: { started in call.withLock { $0 = NIOLoopBound(started, eventLoop: loop) } },
                data: { call, count in
                    let isFirst = heard.withLock { heard in
                        defer { heard += count }
                        return heard == 0
                    }
                    if isFirst { call.pause() }
                }))
        // The upstream has come to a stop when its count stands still over many exchanges on another connection.
        var last = -1
        var still = 0
        while still < 30 {
            _ = try await harness.get(server.url)
            let now = accepted.withLock { $0 }
            still = now == last && now > 0 ? still + 1 : 0
            last = now
        }
        #expect(last < 16 << 20)
        #expect(heard.withLock { $0 } <= 64 << 10)
        let bound = call.withLock { $0 }
        try await loop.submit { bound?.value.resume() }.get()
        let recorded = try await reply.get()
        #expect(recorded.data.count == total)
        #expect(recorded.outcome?.reason == .ok)
        try await server.stop()
    }

    private static func pour(_ rest: Int, into channel: any Channel, _ done: @escaping @Sendable (Int) -> Void) {
        guard rest > 0 else { return }
        let piece = ByteBuffer(repeating: 0x78, count: min(rest, 64 << 10))
        channel.writeAndFlush(piece).whenSuccess {
            done(piece.readableBytes)
            pour(rest - piece.readableBytes, into: channel, done)
        }
    }

    @Test("a pause between two events of one read holds the second back, resume brings it, the end comes after")
    func pauseBetweenEvents() async throws {
        let server = try await TestServer.start { _, peer in
            peer.reply("data: a\n\ndata: b\n\ndata: c\n\n", headers: "content-type: text/event-stream\r\n")
        }
        let log = Mutex<[String]>([])
        let loop = harness.loop
        let reply = try await harness.perform(
            UpstreamRequest(url: server.url, framing: .sse),
            .init(event: { call, event in
                log.withLock { $0.append(String(buffer: event.data)) }
                call.pause()
                let bound = NIOLoopBound(call, eventLoop: loop)
                // Two turns later, so that whatever was under way has come to its end.
                loop.execute {
                    loop.execute {
                        log.withLock { $0.append("resume") }
                        bound.value.resume()
                        log.withLock { $0.append("resumed") }
                    }
                }
            }))
        #expect(log.withLock { $0 } == ["a", "resume", "resumed", "b", "resume", "resumed", "c", "resume", "resumed"])
        #expect(reply.order.filter { $0 != "read" } == ["head", "event", "event", "event", "done"])
        try await server.stop()
    }

    @Test("the idle limit stands still while a call is paused, the total one does not")
    func pausedLimits() async throws {
        let server = try await TestServer.start { request, peer in
            if request.number == 1 {
                peer.reply("")
            } else {
                peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")
            }
        }
        _ = try await harness.get(server.url)
        var request = UpstreamRequest(url: server.url)
        request.timeouts = UpstreamTimeouts(idle: .milliseconds(20), total: .seconds(1))
        let reply = try await harness.perform(request, .init(head: { $0.pause() }))
        #expect(reply.outcome?.reason == .timeout(.total))
        #expect(reply.order.filter { $0 != "read" } == ["head", "done"])
        try await server.stop()
    }

    @Test("a call that is paused before its reply begins is not over the head limit for that")
    func pausedHead() async throws {
        let server = try await TestServer.start { _, peer in peer.reply("ok") }
        _ = try await harness.get(server.url)
        var request = UpstreamRequest(url: server.url)
        request.timeouts = UpstreamTimeouts(head: .milliseconds(20), total: .milliseconds(200))
        let reply = try await harness.perform(request, .init(started: { $0.pause() }))
        #expect(reply.outcome?.reason == .timeout(.total))
        #expect(reply.order == ["done"])
        try await server.stop()
    }

    @Test("cancel closes the connection and is told once, whenever it comes", arguments: ["started", "head", "event"])
    func cancel(moment: String) async throws {
        let server = try await TestServer.start { _, peer in
            peer.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\ndata: b\n\n")
        }
        let cancel: @Sendable (UpstreamCall) -> Void = { call in
            call.cancel()
            call.cancel()
        }
        var hooks = Recorder.Hooks()
        switch moment {
        case "started": hooks.started = cancel
        case "head": hooks.head = cancel
        default: hooks.event = { call, _ in cancel(call) }
        }
        let reply = try await harness.perform(UpstreamRequest(url: server.url, framing: .sse), hooks)
        let order = ["started": ["done"], "head": ["head", "done"], "event": ["head", "event", "done"]][moment]
        #expect(reply.order == order)
        #expect(reply.outcome?.reason == .cancelled)
        if moment == "started" {
            #expect(reply.outcome?.requestSent == false)
        } else {
            await server.wait(for: .closed(1))
        }
        try await server.stop()
    }

    @Test("cancelling one of two calls leaves the other alone, also where it waits for the same connection")
    func cancelInQueue() async throws {
        let harness = Harness { $0.maxConnectionsPerDestination = 1 }
        let gate = Gate()
        let server = try await TestServer.start { _, peer in gate.pass { peer.reply("ok") } }
        let request = UpstreamRequest(url: server.url)
        let first = harness.begin(request)
        await server.wait(for: .request(1))
        let second = harness.begin(request, .init(started: { $0.cancel() }))
        let third = harness.begin(request)
        #expect(try await second.get().outcome == UpstreamOutcome(.cancelled, requestSent: false))
        gate.open()
        #expect(try await first.get().text == "ok")
        #expect(try await third.get().text == "ok")
        #expect(server.requests.count == 2)
        try await server.stop()
    }

    @Test(
        "a thousand calls at once on few connections all end, in any mixture of ends", arguments: [1, 2, 3] as [UInt64])
    func crowd(seed: UInt64) async throws {
        let harness = Harness {
            $0.maxConnectionsPerDestination = 7
            $0.maxQueuedPerDestination = 2000
            $0.maxIdlePerDestination = 3
        }
        let server = try await TestServer.start { request, peer in
            switch Int(request.body) ?? 0 {
            case 0: peer.reset()
            case 1: peer.sendAndClose("HTTP/1.1 200 OK\r\n\r\nuntil the end")
            case 2: peer.send("nonsense")
            case 3: peer.sendAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut")
            default: peer.reply("fine")
            }
        }
        var random = SplitMix(seed: seed)
        var calls: [(kind: Int, isCancelled: Bool, EventLoopFuture<Recorded>)] = []
        for _ in 0..<1000 {
            let kind = Int.random(in: 0..<20, using: &random)
            let isCancelled = Int.random(in: 0..<20, using: &random) == 0
            // However long a busy machine takes for all of them.
            let timeouts = UpstreamTimeouts(connect: nil, head: nil, idle: nil)
            let request = UpstreamRequest(url: server.url, body: ByteBuffer(string: "\(kind)"), timeouts: timeouts)
            let hooks = Recorder.Hooks(head: { if isCancelled { $0.cancel() } })
            calls.append((kind, isCancelled, harness.begin(request, hooks)))
        }
        for (kind, isCancelled, future) in calls {
            let recorded = try await future.get()
            #expect(recorded.order.filter { $0 == "done" }.count == 1)
            switch (kind, isCancelled, recorded.outcome?.reason) {
            case (0, _, .reset), (2, _, .protocolError), (3, false, .reset), (1, false, .ok), (4..., false, .ok): break
            case (1..., true, .cancelled): break
            default: Issue.record("kind \(kind), cancelled \(isCancelled): \(String(describing: recorded.outcome))")
            }
        }
        try await server.stop()
    }
}
