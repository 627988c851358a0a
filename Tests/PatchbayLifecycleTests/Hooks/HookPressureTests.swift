import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// A provider is never faster than hooks and readers are, and nothing waits without a bound.
@Suite struct HookPressureTests {
    private let words = (0..<200).map { ProviderEvent.text("\($0) ") }
    private var deltas: [String] { (0..<200).map { "\($0) " } }

    @Test func `while a hook has deferred, the provider is paused`() async throws {
        let hook = FakeHook(HookInterest([.events])) { visit, _ in visit.wasSent ? .now(.proceed) : .held(.proceed) }
        let provider = PacedProvider(words)
        let gateway = Gateway(provider, entries: [HookEntry(hook, budget: .hours(1))])
        async let outcome = gateway.outcome(of: .user("q"))
        await hook.waiting.wait()
        await provider.paused.wait()
        #expect(provider.given == 2, "the one that the hook has, and the one that was told to wait")
        hook.release()
        #expect(try await outcome.get().deltas == deltas)
        #expect(provider.pauses == 1 && provider.unasked == 0)
    }

    @Test(arguments: [false, true]) func `a slow reader behind deferred visits loses nothing`(_ isDeferred: Bool)
        async throws
    {
        let hook = FakeHook(HookInterest([.events])) { _, _ in isDeferred ? .later(.proceed) : .now(.proceed) }
        let provider = PacedProvider(words)
        let gateway = Gateway(provider, hooks: hook)
        var request = Request.user("q")
        request.stream = true
        let events = try await gateway.streamedTurn(request, slowly: true)
        try StreamRules.check(events)
        #expect(events.deltas == deltas)
        #expect(provider.pauses > 0 && provider.unasked == 0)
    }

    @Test func `a reader that is behind pauses the provider until it has caught up`() async throws {
        let provider = PacedProvider(words)
        let gateway = Gateway(provider, hooks: FakeHook(HookInterest([.events])))
        let runner = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
        let sink = StubbornSink()
        async let done: Void = runner.run {
            var request = Request.user("q")
            request.stream = true
            try await gateway.stream(request, in: exchange, to: sink)
        }
        await provider.paused.wait()
        let given = provider.given
        for _ in 0..<50 { try await runner.loop.submit {}.get() }
        #expect(provider.given == given, "it waits")
        runner.loop.execute {
            sink.isBehind = false
            exchange.readerIsReady()
        }
        try await done
        #expect(sink.count == 200 && provider.unasked == 0)
    }

    @Test func `a provider that isn't to be paused is ended at the bound of an answer`() async throws {
        let hook = FakeHook(HookInterest([.events])) { _, _ in .never }
        let provider = PacedProvider(Array(repeating: .text("0123456789"), count: 100_000), isStubborn: true)
        let gateway = Gateway(
            provider, policy: GatewayPolicy(maxAnswerBytes: 10_000), entries: [HookEntry(hook, budget: .hours(1))])
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error?.code == "answer_too_large")
        #expect(provider.given < 1000)
        #expect(hook.log == ["open", "events", "cancel", "close"])
    }

    @Test func `an answer of a hook's is no faster than its reader`() async throws {
        let answer = HookAnswer(events: (0..<2000).map { .text("\($0) ") }, outcome: .stop)
        let gateway = Gateway(FakeProvider([]), hooks: FakeHook(at: .historyLoaded, .answer(answer)))
        let runner = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
        let sink = StubbornSink()
        async let done: Void = runner.run {
            var request = Request.user("q")
            request.stream = true
            try await gateway.stream(request, in: exchange, to: sink)
        }
        await sink.began.wait()
        for _ in 0..<50 { try await runner.loop.submit {}.get() }
        #expect(try await runner.loop.submit { sink.count }.get() == 1)
        runner.loop.execute {
            sink.isBehind = false
            exchange.readerIsReady()
        }
        try await done
        #expect(sink.count == 2000)
    }

    /// A reader that is behind until it is told that it isn't. Counts deltas.
    private final class StubbornSink: ResponseSink, @unchecked Sendable {
        var isBehind = true
        private(set) var count = 0
        let began = Signal()

        func send(_ event: ResponseEvent) -> Demand {
            guard case .textDelta = event else { return .more }
            count += 1
            began.give()
            return isBehind ? .pause : .more
        }
    }
}
