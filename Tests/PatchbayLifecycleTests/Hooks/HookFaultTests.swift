import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Hooks that misbehave, under both policies: the request goes on as if they had nothing to say, or ends once with an
/// error that tells no internals.
@Suite struct HookFaultTests {
    /// A hook that does what it may not.
    struct Misdeed: Sendable, CustomTestStringConvertible {
        var name: String
        var point: HookPoint
        var move: FakeHook.Move
        var testDescription: String { name }

        init(_ name: String, at point: HookPoint, _ verdict: HookVerdict) {
            (self.name, self.point, move) = (name, point, .now(verdict))
        }
    }

    static let misdeeds: [Misdeed] = [
        Misdeed("says that it failed", at: .request, .failed(HookFault("secret reason"))),
        Misdeed("replaces a request by no JSON", at: .request, .replace(Array("{".utf8))),
        Misdeed("replaces a request by no request", at: .request, .replace(Array(#"{"model":7}"#.utf8))),
        Misdeed("replaces a request by an empty one", at: .request, .replace([])),
        Misdeed("gives events for a request", at: .request, .replaceEvents([.text("x")])),
        Misdeed(
            "answers what makes no sense", at: .request,
            .answer(HookAnswer(events: [.arguments(index: 0, "x")], outcome: .stop))),
        Misdeed(
            "answers a failure", at: .request,
            .answer(HookAnswer(events: [], outcome: .failed(GatewayError(.provider, "x"))))),
        Misdeed("replaces a history by no items", at: .historyLoaded, .replace(Array(#"{"input":"text"}"#.utf8))),
        Misdeed(
            "replaces a history by half items", at: .historyLoaded,
            .replace(Array(#"{"input":[{"type":"function_call"}]}"#.utf8))),
        Misdeed(
            "replaces a history by a reference", at: .historyLoaded,
            .replace(Array(#"{"input":[{"type":"item_reference","id":"msg_1"}]}"#.utf8))),
        Misdeed("sends a request nowhere", at: .route, .replace(Array(#"{"model":"unknown"}"#.utf8))),
        Misdeed("sends a request to a number", at: .route, .replace(Array(#"{"model":1}"#.utf8))),
        Misdeed("turns text into another kind", at: .events, .replaceEvents([.refusal("x")])),
        Misdeed("adds an event", at: .events, .replaceEvents([.text("x"), .itemEnd])),
        Misdeed("replaces events by a document", at: .events, .replace(Array("{}".utf8))),
        Misdeed("answers in the middle of an answer", at: .events, .answer(HookAnswer(events: [], outcome: .stop))),
        Misdeed("replaces an output by no output", at: .complete, .replace(Array(#"{"items":[]}"#.utf8))),
        Misdeed(
            "replaces an output by half items", at: .complete, .replace(Array(#"{"output":[{"type":"message"}]}"#.utf8))
        ),
        Misdeed("answers an answer", at: .complete, .answer(HookAnswer(events: [], outcome: .stop))),
    ]

    private func hook(_ misdeed: Misdeed) -> FakeHook {
        FakeHook(HookInterest([misdeed.point])) { _, _ in misdeed.move }
    }

    @Test(arguments: misdeeds) func `fail_open: the request goes on as if it had nothing to say`(_ misdeed: Misdeed)
        async throws
    {
        let hook = hook(misdeed)
        let entry = HookEntry(hook, onError: .failOpen, budget: .seconds(60))
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store, entries: [entry])
        let response = try await gateway.turn(.user("q"))
        #expect(response.text == "hi" && response.status == .completed)
        #expect(entry.counts.failures == entry.counts.visits && entry.counts.visits > 0)
        #expect(entry.counts.rejections == 0 && entry.counts.timeouts == 0)
        guard misdeed.point != .complete else { return }
        let events = try await gateway.outcome(of: .user("q")).get()
        try StreamRules.check(events)
        #expect(events.final?.text == "hi")
    }

    @Test(arguments: misdeeds) func `fail_closed: the request ends once, with hook_failed`(_ misdeed: Misdeed)
        async throws
    {
        let hook = hook(misdeed)
        let watching = FakeHook(named: "watching", HookInterest([.complete, .persisted, .failure]))
        let entry = HookEntry(hook, budget: .seconds(60))
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store, entries: [HookEntry(watching), entry])
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error?.kind == .internal && error?.code == "hook_failed")
        #expect(error?.message.contains("secret") == false && error?.message.contains("hook\"") == false)
        #expect(entry.counts.failures == 1)
        #expect(store.records.isEmpty)
        #expect(watching.points.last == .failure && watching.points.count { $0 == .failure } == 1)
        #expect(!watching.points.contains(.persisted) && watching.log.last == "close")
        #expect(hook.log.last == "close" && hook.log.count { $0 == "close" } == 1)
    }

    @Test func `a hook that can't be opened has failed, and isn't visited again`() async throws {
        let hook = FakeHook(.all, openFault: HookFault("no"))
        let open = HookEntry(hook, onError: .failOpen)
        #expect(try await Gateway(FakeProvider([.text("hi")]), entries: [open]).turn(.user("q")).text == "hi")
        #expect(hook.log == ["open"] && open.counts.failures == 1)
        let closed = HookEntry(FakeHook(.all, openFault: HookFault("no")))
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(FakeProvider([.text("hi")]), entries: [closed]).turn(.user("q"))
        }
        #expect(error?.code == "hook_failed")
    }

    @Test func `an event of another kind after the first byte ends the stream once`() async throws {
        let hook = FakeHook(HookInterest([.events])) { visit, _ in
            let verdict: HookVerdict = visit.wasSent ? .replaceEvents([.refusal("x")]) : .proceed
            return .now(verdict)
        }
        let many = (0..<400).map { ProviderEvent.text("\($0) ") }
        let provider = FakeProvider(many, hangs: true)
        let store = FakeStore()
        let events = try await Gateway(provider, store: store, entries: [HookEntry(hook)]).outcome(of: .user("q")).get()
        try StreamRules.check(events)
        #expect(events.error?.code == "hook_failed" && events.final?.status == .failed)
        await provider.cancelled.wait()
    }

    // MARK: Budgets

    @Test(arguments: [HookPoint.request, .historyLoaded, .route, .events, .complete])
    func `a hook that never answers is cancelled when its budget is spent`(_ point: HookPoint) async throws {
        for onError in [HookEntry.OnError.failOpen, .failClosed] {
            let hook = FakeHook(HookInterest([point, .failure])) { visit, _ in
                visit.point == point ? .never : .now(.proceed)
            }
            let entry = HookEntry(hook, onError: onError, budget: .milliseconds(5))
            let gateway = Gateway(FakeProvider([.text("hi")]), entries: [entry])
            let outcome = await gateway.outcome(of: .user("q"))
            #expect(
                hook.log == ["open", point.name, "cancel", "close"], "it still owes its verdict, so no other visit")
            #expect(entry.counts.timeouts == 1 && entry.counts.failures == 0)
            switch (outcome, onError) {
            case (.success(let events), .failOpen): #expect(events.final?.text == "hi")
            case (.success(let events), .failClosed):
                #expect(point == .complete && events.error?.code == "hook_timeout")
                try StreamRules.check(events)
            case (.failure(let error), .failClosed): #expect(error.code == "hook_timeout" && error.kind == .timeout)
            case (.failure(let error), .failOpen): Issue.record("\(error)")
            }
        }
    }

    @Test func `a visit that takes longer than the budget has failed, whatever it says`() async throws {
        let verdict = HookVerdict.reject(GatewayError(.invalidRequest, "no"))
        let hook = FakeHook(HookInterest([.request, .complete])) { visit, _ in
            let saying: HookVerdict = visit.point == .request ? verdict : .proceed
            return .now(saying)
        }
        let entry = HookEntry(hook, onError: .failOpen, budget: HookEntry.none)
        let gateway = Gateway(FakeProvider([.text("hi")]), entries: [entry])
        #expect(try await gateway.turn(.user("q")).text == "hi")
        #expect(entry.counts.timeouts == 2 && entry.counts.rejections == 0)
        #expect(hook.log == ["open", "request", "complete", "close"])
    }

    @Test func `a verdict after the budget has no effect, and the hook is visited again`() async throws {
        let hook = FakeHook(HookInterest([.request, .complete])) { visit, _ in
            visit.point == .request
                ? .held(.reject(GatewayError(.invalidRequest, "too late"))) : .now(.proceed)
        }
        let provider = HeldProvider()
        let entry = HookEntry(hook, onError: .failOpen, budget: .milliseconds(5))
        let gateway = Gateway(provider, entries: [entry])
        async let response = gateway.turn(.user("q"))
        await provider.asked.wait()
        hook.release()
        provider.end([.text("hi")])
        #expect(try await response.text == "hi")
        #expect(hook.log == ["open", "request", "cancel", "complete", "close"])
        #expect(entry.counts.timeouts == 1 && entry.counts.rejections == 0)
    }

    @Test(arguments: [HookPoint.request, .historyLoaded, .route, .attemptFailed, .events])
    func `a client that leaves while a hook has the request ends it at once`(_ point: HookPoint) async throws {
        let hook = FakeHook(HookInterest([point])) { _, _ in .never }
        let watching = FakeHook(named: "watching", HookInterest([.complete, .failure]))
        let failure = ProviderEnd.Outcome.failed(GatewayError(.overloaded, "no"))
        let provider =
            point == .attemptFailed ? FakeProvider([], failure) : FakeProvider([.text("hi")], hangs: true)
        let entries = [HookEntry(watching), HookEntry(hook, budget: .hours(1))]
        let gateway = Gateway(provider, store: FakeStore(), entries: entries)
        let runner = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
        async let outcome = runner.run { () -> GatewayError? in
            do throws(GatewayError) {
                var request = Request.user("q")
                request.stream = true
                try await gateway.stream(request, in: exchange, to: RecordingSink())
                return nil
            } catch {
                return error
            }
        }
        await hook.waiting.wait()
        runner.loop.execute { exchange.clientGone() }
        #expect(try await outcome?.kind == .cancelled)
        #expect(hook.log == ["open", point.name, "cancel", "close"])
        #expect(watching.points == [.failure])
        #expect(entries[1].counts.timeouts == 0 && entries[1].counts.failures == 0)
        if point == .events { await provider.cancelled.wait() }
    }

    @Test func `a client that leaves while a hook has later words keeps what was sent, and nothing else`() async throws
    {
        let hook = FakeHook(HookInterest([.events])) { visit, _ in visit.wasSent ? .never : .now(.proceed) }
        let store = FakeStore()
        let many = (0..<300).map { ProviderEvent.text("\($0) ") }
        let gateway = Gateway(
            FakeProvider(many), store: store, entries: [HookEntry(hook, budget: .hours(1))])
        let runner = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
        async let events = runner.run {
            let sink = RecordingSink()
            var request = Request.user("q")
            request.stream = true
            try await gateway.stream(request, in: exchange, to: sink)
            return sink.events
        }
        await hook.waiting.wait()
        runner.loop.execute { exchange.clientGone() }
        #expect(try await events.deltas.count == 256)
        let stored = try TurnRecord(decoding: #require(store.records.first)).response
        #expect(stored.status == .incomplete && stored.incompleteReason == "cancelled")
        #expect(stored.text.hasSuffix("255 "))
    }
}
