import Logging
import NIOCore
import PatchbayJSON
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayLifecycle

/// Where one round of tools ends and the next begins, and what is left of a round that is cut.
@Suite struct ToolRoundTests {
    private let givenUp = "The call was given up: whether it was done isn't known."

    @Test(
        arguments: [
            (#"{"type":"custom_tool_call","call_id":"c9","name":"f","input":"x"}"#, true),
            (#"{"type":"computer_call","call_id":"c9","pending_safety_checks":[],"status":"completed"}"#, true),
            (#"{"type":"shell_call","call_id":"c9","action":{"commands":["ls"]},"status":"completed"}"#, true),
            (#"{"type":"mcp_approval_request","server_label":"s","name":"n","arguments":"{}"}"#, true),
            (#"{"type":"tool_search_call","call_id":"c9","execution":"client","arguments":{}}"#, true),
            (#"{"type":"tool_search_call","execution":"server","arguments":{}}"#, false),
            (#"{"type":"web_search_call","status":"completed"}"#, false),
        ] as [(String, Bool)])
    func `a call of another kind is the client's, unless the upstream has answered it`(item: String, isClients: Bool)
        async throws
    {
        let provider = rounds([call(0, "t") + [.item(Array(item.utf8))]])
        let response = try await Gateway(provider, tools: [ServerTool("t", FakeTool("r"))]).turn(.user("q"))
        #expect(response.outputs == ["r"] && response.status == .completed)
        #expect(provider.bodies.count == (isClients ? 1 : 2))
    }

    @Test func `a call that has its output in the round is nobody's`() async throws {
        let items = [
            #"{"type":"shell_call","call_id":"c9","action":{"commands":["ls"]},"status":"completed"}"#,
            #"{"type":"shell_call_output","call_id":"c9","output":[]}"#,
        ]
        let provider = rounds([call(0, "t") + items.map { .item(Array($0.utf8)) }])
        _ = try await Gateway(provider, tools: [ServerTool("t", FakeTool("r"))]).turn(.user("q"))
        #expect(provider.bodies.count == 2)
    }

    @Test func `each round begins from what no hook has changed, also where there could have been a compaction`()
        async throws
    {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            let text = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(text.replacing("secret", with: "masked").utf8)))
        }
        let provider = rounds([call(0, "t")])
        let gateway = Gateway(
            provider, tools: [ServerTool("t", FakeTool("r"))], hooks: [HookEntry(hook, budget: .seconds(60))])
        _ = try await gateway.turn(.user("secret").compacting(.above(tokens: 100_000)))
        #expect(hook.visits.map(\.round) == [0, 1])
        for visit in hook.visits {
            #expect(visit.document?.contains("secret") == true && visit.document?.contains("masked") == false)
        }
        #expect(provider.bodies.count == 2 && !provider.bodies.contains { $0.contains("secret") })
    }

    @Test func `the calls of a hook's answer are run where the request may be compacted`() async throws {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            visit.round == 0 ? .now(.answer(HookAnswer(events: call(0, "t"), outcome: .stop))) : .now(.proceed)
        }
        let provider = rounds([[.text("x")]])
        let gateway = Gateway(
            provider, tools: [ServerTool("t", FakeTool("r"))], hooks: [HookEntry(hook, budget: .seconds(60))])
        let response = try await gateway.turn(.user("q").compacting(.above(tokens: 100_000)))
        #expect(response.types == ["function_call", "function_call_output", "message"] && response.outputs == ["r"])
        #expect(provider.bodies.count == 1)
    }

    @Test(arguments: [false, true])
    func `what has ended when the client leaves is kept, unless a hook would have had to see it`(isHooked: Bool)
        async throws
    {
        let (hanging, quick) = (FakeTool { _ in .hangs }, FakeTool("done"))
        let hook = FakeHook(HookInterest([.toolResult]))
        let gateway = Gateway(
            rounds([call(0, "t") + call(1, "u")]), tools: [ServerTool("t", hanging), ServerTool("u", quick)],
            hooks: isHooked ? [HookEntry(hook, budget: .seconds(60))] : [])
        let loop = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: loop.loop)
        async let ended = loop.run { try await gateway.respond(to: .user("q"), in: exchange) }
        await quick.started.wait()
        // Its end is in the loop already: this comes after it.
        loop.loop.execute { loop.loop.execute { exchange.clientGone() } }
        let response = try await ended
        #expect(response.incompleteReason == "cancelled")
        #expect(response.outputs == [givenUp, isHooked ? givenUp : "done"])
        #expect(response.output.filter { $0.kind == .functionCallOutput }.map(\.callID) == ["c0", "c1"])
    }

    @Test func `an answer that is cut has an output for each call, however the rounds before named theirs`()
        async throws
    {
        let provider = ScriptedProvider { _, attempt in (call(0, "t"), ProviderEnd(attempt == 1 ? .stop : .length)) }
        let response = try await Gateway(provider, tools: [ServerTool("t", FakeTool("r"))]).turn(.user("q"))
        #expect(response.status == .incomplete && response.outputs == ["r", givenUp])
    }

    @Test func `a call that a hook answers counts as one that wasn't made`() async throws {
        let tool = ServerTool("t", FakeTool("r"))
        let hook = FakeHook(at: .toolCall, .replace(Array(#"{"output":"from the hook"}"#.utf8)))
        _ = try await Gateway(rounds([call(0, "t")]), tools: [tool], hooks: [HookEntry(hook, budget: .seconds(60))])
            .turn(.user("q"))
        #expect(tool.counts.refusals == 1 && tool.counts.calls == 0 && tool.counts.failures == 0)
    }

    @Test func `a turn's time begins when its model is asked, not when it is queued`() async throws {
        let clock = MovingClock()
        let gateway = Gateway(
            router: Router([Router.Entry(name: "m", provider: rounds([[.text("x")]]))]), store: FakeStore(),
            tools: [ServerTool("t", FakeTool("r"))], clock: clock, logger: .quiet)
        let loop = LoopRunner()
        let start = try await loop.run {
            let turn = try await gateway.prepare(.user("q"), in: Exchange(id: "r", owner: "a", strand: loop.loop))
            clock.advance()
            _ = try await turn.answer(sink: nil)
            return turn.tools?.start
        }
        #expect(start == clock.milliseconds)
    }

    @Test func `a fallback is offered the tools of the model that was asked for`() async throws {
        let down = ScriptedProvider("one") { _, _ in ([], ProviderEnd(.failed(GatewayError(.overloaded, "full")))) }
        let next = ScriptedProvider("two") { _, _ in ([.text("here")], ProviderEnd(.stop)) }
        let gateway = Gateway(
            router: Router([
                Router.Entry(name: "m", provider: down, fallbacks: ["n"], tools: ["t"]),
                Router.Entry(name: "n", provider: next, tools: []),
            ]), store: nil, tools: [ServerTool("t", FakeTool("r"))], clock: StoppedClock(), logger: .quiet)
        _ = try await gateway.turn(.user("q", store: false))
        #expect(next.asked("tools")[0].contains(#""name":"t""#))
    }

    @Test func `what a tool says of its failure is in the log at debug alone`() async throws {
        let log = Lines()
        let tool = ServerTool(
            "t", FakeTool { _ in .failed(GatewayError(.provider, "private words", detail: "more")) }, onError: .fail)
        let gateway = Gateway(
            router: Router([Router.Entry(name: "m", provider: rounds([call(0, "t")]))]), store: nil, tools: [tool],
            clock: StoppedClock(), logger: Logger(label: "test") { _ in log })
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q", store: false)) }
        #expect(error?.message == "The tool 't' failed." && error?.detail == nil)
        let telling = log.lines.filter { $0.text.contains("private words") || $0.text.contains("more") }
        #expect(telling.map(\.level) == [.debug])
        #expect(log.lines.contains { $0.level == .notice && $0.text.contains("a tool failed") })
    }
}

/// A clock that a test moves.
private final class MovingClock: PatchbayLifecycle.Clock {
    private let now = Atomic<Int64>(1_700_000_000_000)
    var milliseconds: Int64 { now.load(ordering: .relaxed) }

    func advance() { now.wrappingAdd(5000, ordering: .relaxed) }
}

/// A log that is kept.
private final class Lines: LogHandler {
    private let kept = Mutex<[(level: Logger.Level, text: String)]>([])
    var lines: [(level: Logger.Level, text: String)] { kept.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        kept.withLock { $0.append((event.level, "\(event.message) \(event.metadata ?? [:])")) }
    }
}
