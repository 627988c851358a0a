import NIOCore
import PatchbayJSON
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayLifecycle

/// Hooks in the company of all else that a turn can be.
@Suite struct HookTurnTests {
    private static let order: [HookPoint] = [.request, .route, .historyLoaded, .events, .complete, .persisted]

    @Test func `a request goes through all points in their order, the response side in reverse`() async throws {
        let order = Mutex<[String]>([])
        let hooks = ["a", "b"].map { name in
            FakeHook(named: name, .all) { visit, _ in
                order.withLock { $0.append("\(name) \(visit.point.name)") }
                return .now(.proceed)
            }
        }
        _ = try await Gateway(FakeProvider([.text("x")]), hooks: hooks[0], hooks[1]).turn(.user("q"))
        let expected = Self.order.flatMap { point in
            (point.isOnResponseSide ? ["b", "a"] : ["a", "b"]).map { "\($0) \(point.name)" }
        }
        #expect(order.withLock { $0 } == expected)
    }

    @Test(arguments: [HookPoint.request, .historyLoaded, .route])
    func `a hook that answers is the last that the request reaches: its answer passes those before it`(
        _ point: HookPoint
    ) async throws {
        let first = FakeHook(named: "first", .all) { visit, _ in
            let verdict: HookVerdict =
                visit.point == .events ? .replaceEvents(visit.events.map { _ in .text("seen") }) : .proceed
            return .now(verdict)
        }
        let second = FakeHook(named: "second", HookInterest([point, .events, .complete])) { visit, _ in
            let verdict: HookVerdict =
                visit.point == point ? .answer(HookAnswer(events: [.text("mine")], outcome: .stop)) : .proceed
            return .now(verdict)
        }
        let third = FakeHook(named: "third", HookInterest([.historyLoaded, .events, .complete, .persisted]))
        let opened = FakeHook(named: "opened", HookInterest([.request, .complete, .persisted]))
        let provider = FakeProvider([])
        let gateway = Gateway(provider, hooks: first, second, third, opened)
        #expect(try await gateway.turn(.user("q")).text == "seen")
        #expect(provider.requests.isEmpty)
        #expect(first.points.suffix(3) == [.events, .complete, .persisted])
        #expect(second.points == [point, .complete], "not its own events")
        #expect(third.log == [], "the request never came there")
        #expect(
            opened.points == (point == .request ? [] : [.request, .complete, .persisted]),
            "who was opened hears of the end")
    }

    @Test func `hooks without interest in a request are never opened`() async throws {
        let hook = FakeHook(HookInterest([.attemptFailed, .toolCall, .failure]))
        let gateway = Gateway(FakeProvider([.text("x")]), hooks: hook)
        #expect(try await gateway.turn(.user("q")).text == "x")
        #expect(hook.log == [])
    }

    // MARK: Of the background

    @Test func `a turn of the background: the request is seen before it is stored, the rest when it is made`()
        async throws
    {
        let hook = FakeHook(.all) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            guard visit.point == .request else { return .now(.proceed) }
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
        let provider = FakeProvider([.text("hi")])
        let store = FakeStore()
        let gateway = Gateway(provider, store: store, hooks: hook)
        let queued = try await gateway.turn(.background("secret"))
        #expect(queued.status == .queued)
        #expect(try await gateway.resumed(queued.id).final?.text == "hi")
        await gateway.background.whenEmpty()
        #expect(provider.lastBody.contains("[masked]"))
        #expect(hook.points == Self.order)
        #expect(hook.log.count { $0 == "close" } == 1)
    }

    @Test func `a turn of the background that a hook rejects fails where it is, or is refused`() async throws {
        let error = GatewayError(.invalidRequest, "no", code: "unwanted")
        let early = Gateway(FakeProvider([]), store: FakeStore(), hooks: FakeHook(at: .request, .reject(error)))
        let refused = await #expect(throws: GatewayError.self) { try await early.turn(.background("q")) }
        #expect(refused?.code == "unwanted")
        let late = FakeHook(HookInterest([.historyLoaded, .failure])) { visit, _ in
            let verdict: HookVerdict = visit.point == .historyLoaded ? .reject(error) : .proceed
            return .now(verdict)
        }
        let gateway = Gateway(FakeProvider([]), store: FakeStore(), hooks: late)
        let queued = try await gateway.turn(.background("q"))
        let events = try await gateway.resumed(queued.id)
        #expect(events.final?.status == .failed && events.error?.code == "unwanted")
        await gateway.background.whenEmpty()
        #expect(late.log == ["open", "history_loaded", "failure", "close"])
    }

    @Test func `a turn of the background that is cancelled in the queue has failed, once`() async throws {
        var policy = GatewayPolicy()
        policy.maxBackgroundRunning = 0
        let hook = FakeHook(.all)
        let gateway = Gateway(FakeProvider([]), store: FakeStore(), policy: policy, hooks: hook)
        let queued = try await gateway.turn(.background("q"))
        #expect(try await gateway.cancelled(queued.id).status == .cancelled)
        #expect(hook.log == ["open", "request", "route", "failure", "close"])
        #expect(hook.visit(at: .failure)?.json?["error"]?["kind"]?.string == "cancelled")
    }

    @Test func `a server that stops ends the hooks of turns that wait`() async throws {
        for onRestart in [GatewayPolicy.OnRestart.fail, .restart] {
            var policy = GatewayPolicy()
            policy.maxBackgroundRunning = 0
            policy.onRestart = onRestart
            let hook = FakeHook(.all)
            let gateway = Gateway(FakeProvider([]), store: FakeStore(), policy: policy, hooks: hook)
            _ = try await gateway.turn(.background("q"))
            await gateway.drainBackground(within: .hours(1))
            #expect(hook.log == ["open", "request", "route", "failure", "close"])
        }
    }

    @Test func `a turn that begins anew has passed the request point`() async throws {
        let store = FakeStore()
        var policy = GatewayPolicy()
        policy.onRestart = .restart
        policy.maxBackgroundRunning = 0
        let before = ProcessIdentity(text: "before", hasEnded: { _ in false })
        let queued = try await Gateway(FakeProvider([]), store: store, policy: policy, process: before)
            .turn(.background("q"))
        policy.maxBackgroundRunning = 1
        let hook = FakeHook(.all)
        let provider = FakeProvider([.text("anew")])
        let format = Gateway(provider, hooks: hook)
        let next = Gateway(
            router: Router([Router.Entry(name: "m", provider: provider)]), store: store, policy: policy,
            hooks: format.hooks, readRequest: format.readRequest, writeResponse: format.writeResponse,
            clock: StoppedClock(), process: ProcessIdentity(text: "next", hasEnded: { _ in true }), logger: .quiet)
        await next.recovered()
        #expect(try await next.resumed(queued.id).final?.text == "anew")
        await next.background.whenEmpty()
        #expect(hook.points == Array(Self.order.dropFirst()))
    }

    // MARK: On a socket

    @Test func `a turn that asks nobody has a request, a route and an end`() async throws {
        let hook = FakeHook(.all)
        let provider = FakeProvider([.text("no")])
        let gateway = Gateway(provider, store: FakeStore(), hooks: hook)
        var request = Request.user("q")
        request.generate = false
        let events = try await gateway.outcome(of: request).get()
        #expect(events.final?.status == .completed && provider.requests.isEmpty)
        #expect(hook.points == [.request, .route, .persisted])
        #expect(hook.visits[0].json?["generate"]?.bool == false)
    }

    @Test func `a connection remembers what the hooks left of a turn that isn't stored`() async throws {
        let hook = FakeHook(HookInterest([.request])) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
        let provider = FakeProvider([.text("hi")])
        let gateway = Gateway(provider, hooks: hook)
        let runner = LoopRunner()
        try await runner.run {
            let memory = SessionMemory(budget: SessionBudget(limit: 1 << 20))
            func exchange() -> Exchange { Exchange(id: "r", owner: "a", strand: runner.loop, memory: memory) }
            let first = try await gateway.respond(to: .user("secret", store: false), in: exchange())
            _ = try await gateway.respond(to: .user("more", after: first.id, store: false), in: exchange())
        }
        #expect(provider.lastBody.contains("[masked]") && provider.lastBody.contains("more"))
    }

    // MARK: Compaction

    @Test func `a conversation that is compacted on the way is seen once, before it is`() async throws {
        let hook = FakeHook(HookInterest([.historyLoaded, .complete])) { visit, _ in
            guard visit.point == .historyLoaded else { return .now(.proceed) }
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
        let provider = FakeProvider([.text("said")])
        let gateway = Gateway(provider, store: FakeStore(), hooks: hook)
        var request = Request.items([
            .user("secret"), .json(#"{"role":"assistant","content":"a"}"#), .user("next"),
        ])
        request.fields["context_management"] = Array(#"[{"type":"compaction","compact_threshold":1}]"#.utf8)
        request.compaction = .above(tokens: 1)
        let response = try await gateway.turn(request)
        #expect(response.output.map(\.type) == ["compaction", "message"])
        #expect(hook.points == [.historyLoaded, .complete])
        #expect(provider.requests.count == 2)
        for body in provider.requests { #expect(!String(decoding: body.body, as: UTF8.self).contains("secret")) }
    }

    // MARK: Tools

    private func hooks(_ hooks: FakeHook...) throws -> HookRun {
        let entries = hooks.map { HookEntry($0, budget: .hours(1)) }
        let gateway = Gateway(FakeProvider([]), entries: entries)
        let exchange = Exchange(id: "r", owner: "a", strand: LoopRunner().loop)
        return try #require(HookRun(gateway, .user("q"), in: exchange))
    }

    private let call = Item.json(
        #"{"id":"fc_1","type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}"#)

    @Test func `tool_call: the item is seen, its arguments changed, or the model told something without a call`()
        async throws
    {
        let changing = FakeHook(named: "1", at: .toolCall, .replace(Array(#"{"arguments":"{\"a\":2}"}"#.utf8)))
        let seeing = FakeHook(named: "2", at: .toolCall, .proceed)
        let run = try hooks(changing, seeing)
        let call = self.call
        let verdict = try await on(run) { try await run.toolCall(call) }
        #expect(verdict == .run(arguments: #"{"a":2}"#))
        #expect(changing.visits[0].json?["id"]?.string == "fc_1")
        #expect(seeing.visits[0].json?["arguments"]?.string == #"{"a":2}"#)
        let telling = FakeHook(named: "1", at: .toolCall, .replace(Array(#"{"output":"no need"}"#.utf8)))
        let after = FakeHook(named: "2", at: .toolCall, .proceed)
        let told = try hooks(telling, after)
        #expect(try await on(told) { try await told.toolCall(call) } == .told(output: "no need"))
        #expect(after.visits.isEmpty)
        let bad = try hooks(FakeHook(at: .toolCall, .replace(Array("{}".utf8))))
        let error = await #expect(throws: GatewayError.self) { try await on(bad) { try await bad.toolCall(call) } }
        #expect(error?.code == "hook_failed")
    }

    @Test func `tool_result: the hooks change what the model is told, in reverse order`() async throws {
        let first = FakeHook(named: "1", at: .toolResult, .replace(Array(#"{"output":"masked"}"#.utf8)))
        let second = FakeHook(named: "2", at: .toolResult, .replace(Array(#"{"output":"cut"}"#.utf8)))
        let run = try hooks(first, second)
        run.round = 3
        let output = try await on(run) {
            try await run.toolResult(callID: "c", name: "f", output: "all", isError: true)
        }
        #expect(output == "masked")
        #expect(first.visits[0].json?["output"]?.string == "cut" && first.visits[0].round == 3)
        #expect(second.visits[0].json?["call_id"]?.string == "c" && second.visits[0].json?["is_error"]?.bool == true)
        let rejecting = try hooks(FakeHook(at: .toolResult, .reject(GatewayError(.invalidRequest, "no"))))
        let error = await #expect(throws: GatewayError.self) {
            try await on(rejecting) {
                try await rejecting.toolResult(callID: "c", name: "f", output: "x", isError: false)
            }
        }
        #expect(error?.code == "request_rejected")
    }

    @Test func `tools that run at a time are visited one after another`() async throws {
        let active = Mutex(0)
        let hook = FakeHook(HookInterest([.toolCall])) { _, _ in
            active.withLock { $0 += 1 }
            return .later(.proceed)
        }
        let run = try hooks(hook)
        let call = self.call
        let verdicts = try await on(run) { () -> [HookedCall] in
            await withTaskGroup(of: HookedCall?.self) { group in
                for _ in 0..<5 {
                    group.addTask(executorPreference: EventLoopExecutor(run.exchange.strand)) {
                        try? await run.toolCall(call)
                    }
                }
                return await group.reduce(into: []) { if let verdict = $1 { $0.append(verdict) } }
            }
        }
        #expect(verdicts == Array(repeating: .run(arguments: #"{"a":1}"#), count: 5))
        #expect(hook.log == ["open"] + Array(repeating: "tool_call", count: 5))
        #expect(active.withLock { $0 } == 5)
    }

    private func on<Value: Sendable>(
        _ run: HookRun, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Task(executorPreference: EventLoopExecutor(run.exchange.strand), operation: body).value
    }
}
