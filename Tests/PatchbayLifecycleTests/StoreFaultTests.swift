import NIOCore
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayLifecycle

/// A store that fails, comes late, or gives up what it had: each turn still ends, and as what is kept of it.
@Suite(.timeLimit(.minutes(1))) struct StoreFaultTests {
    private let store = FakeStore()
    private let late = GatewayError(.timeout, "The store did not answer in time.")

    private func jobs() async throws -> [StoredRecord] {
        try await store.list(.job, owner: "a", after: nil, limit: 9)
    }

    /// The response in a write, as it is to be stored.
    private static func response(in writes: [StoreWrite]) -> Response? {
        for case .put(let record, _) in writes where record.kind == .response && !record.value.isEmpty {
            return try? TurnRecord(decoding: record).response
        }
        return nil
    }

    @Test func `an answer that was stored too late is what the store says`() async throws {
        store.beforeWrites { [late] in Self.response(in: $0)?.status == .completed ? .late(late) : nil }
        let gateway = Gateway(FakeProvider([.text("x")]), store: store)
        let response = try await gateway.turn(.user("q"))
        #expect(response.status == .completed)
        #expect(try await gateway.response(response.id, owner: "a") == response)
        let id = try await gateway.begin()
        #expect(try await gateway.turn(.user("q", in: id)).status == .completed)
        #expect(try await gateway.allItems(of: id).count == 2)
    }

    @Test func `an answer that was not stored in time has failed`() async throws {
        store.beforeWrites { [late] in Self.response(in: $0)?.status == .completed ? .lost(late) : nil }
        let gateway = Gateway(FakeProvider([.text("x")]), store: store)
        let last = try await gateway.streamedTurn(.user("q", stream: true)).last.flatMap(\.response)
        #expect(last?.status == .failed && last?.error?.kind == .timeout)
        #expect(store.living(.response).isEmpty)
    }

    @Test func `a checkpoint that was stored too late doesn't cost the turn`() async throws {
        var policy = GatewayPolicy()
        policy.checkpointInterval = .milliseconds(1)
        let stored = Signal()
        let isFirst = Mutex(true)
        store.beforeWrites { [late] writes in
            guard Self.response(in: writes)?.status == .inProgress else { return nil }
            stored.give()
            let isFirst = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            return isFirst ? .late(late) : nil
        }
        let provider = FakeProvider([.text("x")], hangs: true)
        let gateway = Gateway(provider, store: store, policy: policy)
        let id = try await gateway.turn(.background("q")).id
        await stored.wait()
        await provider.release()
        await gateway.background.whenEmpty()
        #expect(try await gateway.response(id, owner: "a").status == .completed)
        #expect(try await jobs().isEmpty)
    }

    @Test func `a turn of which nothing was said leaves nothing behind when it fails`() async throws {
        var policy = GatewayPolicy(firstEventGrace: .hours(1))
        policy.checkpointInterval = .milliseconds(1)
        let provider = HeldProvider()
        let gateway = Gateway(provider, store: store, policy: policy)
        let runner = LoopRunner()
        let turn = Task {
            try await runner.run {
                let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
                try await gateway.stream(.user("q", stream: true), in: exchange, to: RecordingSink())
            }
        }
        await provider.asked.wait()
        // A loop's timers come in their order: the checkpoint's was before these.
        for _ in 0..<5 { try await runner.loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.get() }
        provider.end([], .failed(GatewayError(.provider, "down")))
        await #expect(throws: GatewayError.self) { try await turn.value }
        for _ in 0..<20 { try await LoopRunner().run {} }
        #expect(store.living(.response).isEmpty)
    }

    @Test func `a background response whose job the store gave up is stored as it ended`() async throws {
        let provider = FakeProvider([.text("x")], hangs: true)
        let gateway = Gateway(provider, store: store)
        let id = try await gateway.turn(.background("q")).id
        store.lose(Job.id(of: id))
        await provider.release()
        await gateway.background.whenEmpty()
        #expect(try await gateway.response(id, owner: "a").status == .completed)
    }

    @Test func `a background response that the store won't take has failed there too`() async throws {
        store.beforeWrites { writes in
            Self.response(in: writes)?.output.isEmpty == false ? .lost(GatewayError(.tooLarge, "too large")) : nil
        }
        let gateway = Gateway(FakeProvider([.text("x")]), store: store)
        let id = try await gateway.turn(.background("q")).id
        await gateway.background.whenEmpty()
        let response = try await gateway.response(id, owner: "a")
        #expect(response.status == .failed && response.error?.kind == .tooLarge && response.output.isEmpty)
        #expect(try await jobs().isEmpty)
    }

    @Test(arguments: [GatewayError.Kind.tooLarge, .invalidRequest, .notFound])
    func `a background response that its conversation won't take has failed in the store too`(
        kind: GatewayError.Kind
    ) async throws {
        let provider = FakeProvider([.text("x")], hangs: true)
        let gateway = Gateway(provider, store: store)
        var request = Request.user("q", in: try await gateway.begin())
        request.background = true
        let id = try await gateway.turn(request).id
        store.beforeWrites { writes in
            let adds = writes.contains {
                if case .put(let record, _) = $0 { record.kind == .conversation } else { false }
            }
            return adds ? .lost(GatewayError(kind, "no")) : nil
        }
        await provider.release()
        await gateway.background.whenEmpty()
        let response = try await gateway.response(id, owner: "a")
        #expect(response.status == .failed && response.error?.kind == kind)
        #expect(try await jobs().isEmpty)
    }

    @Test func `a queued response whose end can't be stored ends for who follows it and for who cancels it`()
        async throws
    {
        var policy = GatewayPolicy()
        policy.maxBackgroundRunning = 1
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: policy)
        _ = try await gateway.turn(.background("1"))
        let id = try await gateway.turn(.background("2")).id
        let seen = Signal()
        async let followed = gateway.resumed(id) { event in
            if case .queued = event { seen.give() }
        }
        await seen.wait()
        store.failWrites()
        let error = await #expect(throws: GatewayError.self) { try await gateway.cancelled(id) }
        #expect(error?.kind == .storage)
        let events = try await followed
        #expect(events.last.flatMap(\.response)?.status == .failed)
        #expect(events.count(where: \.isTerminal) == 1)
    }

    @Test func `a server whose lease was stored too late goes on showing itself`() async throws {
        let isFirst = Mutex(true)
        store.beforeWrites { [late] _ in
            isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst ? .late(late) : nil
            }
        }
        let replicas = Replicas(store: store, identity: .unknown, clock: StoppedClock(), logger: .quiet)
        await replicas.show()
        await replicas.show()
        #expect(store.living(.replica).map(\.version) == [2])
    }

    @Test func `a server is shown once a show returns, also if another one has begun to`() async throws {
        let (begun, go) = (Signal(), Signal())
        store.beforeWrites { _ in
            begun.give()
            await go.wait()
            return nil
        }
        let replicas = Replicas(store: store, identity: .unknown, clock: StoppedClock(), logger: .quiet)
        async let first: Void = replicas.show()
        await begun.wait()
        async let shown = { [store] in
            await replicas.show()
            return store.living(.replica).count
        }()
        for _ in 0..<1000 { await Task.yield() }
        go.give()
        await first
        #expect(await shown == 1)
    }

    @Test func `a stored error keeps its param, in the response and in its stream`() async throws {
        let error = GatewayError(.invalidRequest, "bad", code: "bad_input", param: "input[0]")
        let gateway = Gateway(FakeProvider([.text("x")], .failed(error)), store: store)
        let events = try await gateway.streamedTurn(.user("q", stream: true))
        let id = try #require(events.last.flatMap(\.response)).id
        guard case .error(let stored)? = try await gateway.resumed(id).dropLast().last else {
            Issue.record("no error before the end")
            return
        }
        #expect(stored.param == "input[0]" && stored.code == "bad_input")
    }
}
