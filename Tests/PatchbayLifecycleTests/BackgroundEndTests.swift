import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The server's end while a response of the background is on its way into the queue, or waits there: whoever asked for
/// it is told what has become of it, and so is the store.
@Suite struct BackgroundEndTests {
    private let gone = ProcessIdentity(text: "here", hasEnded: { _ in true })
    private let here = ProcessIdentity(text: "here", hasEnded: { _ in false })
    private let store = FakeStore()
    private let provider = FakeProvider([.text("x")])
    private let hook = FakeHook(HookInterest([.persisted, .failure]))

    private func gateway(_ onRestart: GatewayPolicy.OnRestart) -> Gateway {
        var policy = GatewayPolicy()
        policy.onRestart = onRestart
        return Gateway(
            router: Router([Router.Entry(name: "m", provider: provider)]), store: store, policy: policy,
            hooks: [HookEntry(hook, budget: .seconds(60))], clock: StoppedClock(), process: here, logger: .quiet)
    }

    /// A client's request, whose turn is stored while the background closes. What came of it may be asked for once the
    /// background has been drained.
    private func askedAtTheEnd<Answer: Sendable>(
        of gateway: Gateway, _ ask: @escaping @Sendable () async throws -> Answer
    ) async -> Task<Answer, any Error> {
        let (storing, isClosed) = (Signal(), Signal())
        store.beforeWrites { writes in
            guard case .put(let record, _)? = writes.first, record.kind == .response else { return nil }
            storing.give()
            await isClosed.wait()
            return nil
        }
        let client = Task { try await ask() }
        await storing.wait()
        #expect(gateway.background.close().isEmpty)
        isClosed.give()
        await gateway.drainBackground(within: .milliseconds(1))
        return client
    }

    /// What the store says of the only response that it has.
    private func stored() throws -> Response {
        let records = store.living(.response)
        try #require(records.count == 1)
        return try TurnRecord(decoding: records[0]).response
    }

    /// What the next server on the same store makes of it.
    private func next(_ id: String, _ onRestart: GatewayPolicy.OnRestart) async throws -> Response? {
        var policy = GatewayPolicy()
        policy.onRestart = onRestart
        let next = Gateway(FakeProvider([.text("y")]), store: store, policy: policy, process: gone)
        await next.recovered()
        return try await next.resumed(id).final
    }

    @Test func `one that is stored meanwhile has failed, for its client and in the store, before the server is gone`()
        async throws
    {
        let gateway = gateway(.fail)
        let client = await askedAtTheEnd(of: gateway) { try await gateway.turn(.background("q")) }
        let stored = try stored()
        try #require(stored.status == .failed)
        #expect(stored.error?.code == "response_interrupted")
        #expect(store.living(.job) == [])
        #expect(try await client.value == stored)
        #expect(provider.requests.isEmpty && gateway.live.isEmpty)
        #expect(hook.log == ["open", "failure", "close"])
        #expect(try await next(stored.id, .fail) == stored)
    }

    @Test func `its stream ends with one failure`() async throws {
        let gateway = gateway(.fail)
        let client = await askedAtTheEnd(of: gateway) {
            try await gateway.streamedTurn(.background("q", stream: true))
        }
        let stored = try stored()
        try #require(stored.status == .failed)
        let events = try await client.value
        #expect(events.final == stored)
        #expect(events.error?.code == "response_interrupted")
        #expect(hook.log == ["open", "failure", "close"])
    }

    @Test func `one that the next server begins anew is queued still`() async throws {
        let gateway = gateway(.restart)
        let client = await askedAtTheEnd(of: gateway) { try await gateway.turn(.background("q")) }
        try #require(gateway.live.isEmpty)
        #expect(try stored().status == .queued)
        let queued = try await client.value
        #expect(queued.status == .queued)
        #expect(provider.requests.isEmpty)
        #expect(hook.log == ["open", "failure", "close"])
        let after = try await next(queued.id, .restart)
        #expect(after?.id == queued.id && after?.status == .completed)
    }

    @Test func `its stream here ends, and goes on there`() async throws {
        let gateway = gateway(.restart)
        let client = await askedAtTheEnd(of: gateway) {
            try await gateway.streamedTurn(.background("q", stream: true))
        }
        try #require(gateway.live.isEmpty)
        let events = try await client.value
        #expect(events.error?.code == "response_running")
        #expect(events.final?.status == .failed)
        #expect(try stored().status == .queued)
        #expect(try await next(stored().id, .restart)?.status == .completed)
    }

    @Test func `one that waited in the queue ends its stream, and can be cancelled`() async throws {
        var policy = GatewayPolicy()
        policy.onRestart = .restart
        policy.maxBackgroundRunning = 1
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: policy, process: here)
        _ = try await gateway.turn(.background("1"))
        let id = try await gateway.turn(.background("2")).id
        let follows = Signal()
        let client = Task {
            try await gateway.resumed(id) { event in
                if case .queued = event { follows.give() }
            }
        }
        await follows.wait()
        await gateway.drainBackground(within: .milliseconds(1))
        try #require(gateway.live.find(id, owner: "a") == nil)
        #expect(try await client.value.error?.code == "response_running")
        #expect(try await gateway.cancelled(id).status == .cancelled)
        #expect(try await next(id, .restart)?.status == .cancelled)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `a store that never answers doesn't hold the end up, neither on the way into the queue nor out of it`(
        isWaiting: Bool
    ) async throws {
        var policy = GatewayPolicy()
        policy.maxBackgroundRunning = isWaiting ? 1 : 2
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: policy, process: here)
        if isWaiting {
            _ = try await gateway.turn(.background("1"))
            _ = try await gateway.turn(.background("2"))
        }
        let (hanging, isOver) = (Signal(), Signal())
        store.beforeWrites { _ in
            hanging.give()
            await isOver.wait()
            return nil
        }
        let client = isWaiting ? nil : Task { try await gateway.turn(.background("3")) }
        if client != nil { await hanging.wait() }
        await gateway.drainBackground(within: .milliseconds(1), grace: .milliseconds(1))
        isOver.give()
        _ = await client?.result
    }
}
