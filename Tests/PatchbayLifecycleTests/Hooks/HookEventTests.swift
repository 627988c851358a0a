import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// `events`: what hooks make of an answer while it comes.
@Suite struct HookEventTests {
    private let words: [ProviderEvent] = [.text("one "), .text("two "), .text("three")]

    private func hook(
        named name: String = "hook", _ interest: HookInterest = HookInterest([.events]),
        _ change: @escaping @Sendable (HookVisit) -> [ProviderEvent]
    ) -> FakeHook {
        FakeHook(named: name, interest) { visit, _ in .now(.replaceEvents(change(visit))) }
    }

    /// The events that are text only.
    private static let text = HookInterest([.events], events: 1 << 1)

    @Test func `what comes together is one visit, and the last one says so`() async throws {
        let hook = FakeHook(HookInterest([.events]))
        let response = try await Gateway(FakeProvider(words), hooks: hook).turn(.user("q"))
        #expect(response.text == "one two three")
        #expect(hook.visits.map(\.events) == [words])
        #expect(hook.visits.map(\.isLast) == [true])
        #expect(hook.visits.allSatisfy { $0.document == nil && !$0.wasSent })
    }

    @Test func `a visit has 256 events and 64 KiB at most`() async throws {
        let hook = FakeHook(HookInterest([.events]))
        let many = (0..<600).map { ProviderEvent.text("\($0) ") }
        let events = try await Gateway(FakeProvider(many), hooks: hook).outcome(of: .user("q")).get()
        #expect(events.deltas == (0..<600).map { "\($0) " })
        #expect(hook.visits.map(\.events.count) == [256, 256, 88])
        #expect(hook.visits.map(\.isLast) == [false, false, true])
        #expect(hook.visits.map(\.wasSent) == [false, true, true])
        let large = Array(repeating: ProviderEvent.text(String(repeating: "x", count: 40 << 10)), count: 3)
        let other = FakeHook(HookInterest([.events]))
        _ = try await Gateway(FakeProvider(large), hooks: other).turn(.user("q"))
        #expect(other.visits.map(\.events.count) == [1, 1, 1])
    }

    @Test func `an answer without a word has a last visit, a failed attempt has none`() async throws {
        let hook = FakeHook(HookInterest([.events]))
        _ = try await Gateway(FakeProvider([]), hooks: hook).turn(.user("q"))
        #expect(hook.visits.map(\.isLast) == [true] && hook.visits[0].events.isEmpty)
        let unvisited = FakeHook(HookInterest([.events]))
        let failing = FakeProvider([], .failed(GatewayError(.provider, "no")))
        _ = await Gateway(failing, hooks: unvisited).outcome(of: .user("q"))
        #expect(unvisited.visits.isEmpty)
    }

    @Test func `a hook sees the kinds that it wants, and the others keep their places`() async throws {
        let events: [ProviderEvent] = [
            .reasoning("hm"), .text("a"), .text("b"), .annotation(Array(#"{"type":"x"}"#.utf8)), .text("c"), .itemEnd,
        ]
        let hook = hook(Self.text) { $0.events.isEmpty ? [] : [.text("<"), .text("\($0.events.count)"), .text(">")] }
        let provider = FakeProvider(events)
        let plain = try await Gateway(provider, store: nil).turn(.user("q"))
        let response = try await Gateway(provider, hooks: hook).turn(.user("q"))
        #expect(response.text == "<2><1>")
        #expect(response.output.map(\.type) == plain.output.map(\.type))
        #expect(hook.visits.map(\.events.count) == [2, 1, 0])
        #expect(hook.visits.map(\.isLast) == [false, false, true])
    }

    @Test func `texts are left out, cut, joined, changed and held back, streamed and not`() async throws {
        let hook = hook { visit in
            visit.isLast ? [.text("ONE "), .text("T"), .text("WO THREE")] : []
        }
        let gateway = Gateway(FakeProvider(words), hooks: hook)
        #expect(try await gateway.turn(.user("q")).text == "ONE TWO THREE")
        let events = try await gateway.outcome(of: .user("q")).get()
        try StreamRules.check(events)
        #expect(events.deltas == ["ONE ", "T", "WO THREE"])
    }

    @Test func `text is held back to the last visit, also over what came before it`() async throws {
        let many = (0..<300).map { _ in ProviderEvent.text("x") }
        let hook = hook { visit in visit.isLast ? [.text("end")] : Array(visit.events.dropFirst(10)) }
        let response = try await Gateway(FakeProvider(many), hooks: hook).turn(.user("q"))
        #expect(response.text == String(repeating: "x", count: 246) + "end")
    }

    @Test func `the hooks are visited in reverse order, each seeing what the one before left`() async throws {
        let first = hook(named: "first") { $0.events.map { $0 == .text("2") ? .text("1") : $0 } }
        let second = hook(named: "second") { $0.events.map { $0 == .text("3") ? .text("2") : $0 } }
        let gateway = Gateway(FakeProvider([.text("3")]), hooks: first, second)
        #expect(try await gateway.turn(.user("q")).text == "1")
        #expect(first.visits.map(\.events) == [[.text("2")]])
    }

    @Test func `a call that is left out is left out whole`() async throws {
        let calls: [ProviderEvent] = [
            .toolCall(index: 0, id: "a", name: "f"), .toolCall(index: 1, id: "b", name: "f"),
            .arguments(index: 0, "{"), .arguments(index: 1, "{}"), .arguments(index: 0, "}"), .toolCallEnd(index: 0),
            .toolCallEnd(index: 1),
        ]
        let starts = HookInterest([.events], events: 1 << 6)
        let hook = hook(starts) { $0.events.filter { $0 != .toolCall(index: 0, id: "a", name: "f") } }
        let response = try await Gateway(FakeProvider(calls), hooks: hook).turn(.user("q"))
        #expect(response.output.map(\.callID) == ["b"])
    }

    @Test func `calls in a model's own markup are calls to the hooks`() async throws {
        let markup = #"I look. <tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>"#
        let hook = FakeHook(HookInterest([.events]))
        let provider = FakeProvider([.text(markup)], markup: ["m": .hermes])
        var request = Request.user("q")
        request.fields["tools"] = Array(#"[{"type":"function","name":"f"}]"#.utf8)
        let response = try await Gateway(provider, hooks: hook).turn(request)
        #expect(response.output.map(\.type) == ["message", "function_call"])
        let events = hook.visits.flatMap(\.events)
        #expect(events.contains { if case .toolCall(_, _, "f") = $0 { true } else { false } })
        #expect(!events.contains { if case .text(let text) = $0 { text.contains("tool_call") } else { false } })
    }

    @Test func `a rejection before the first byte is the request's error`() async throws {
        let hook = FakeHook(at: .events, .reject(GatewayError(.invalidRequest, "Not that.", code: "unwanted")))
        let store = FakeStore()
        let provider = FakeProvider(words, hangs: true)
        let gateway = Gateway(provider, store: store, hooks: hook)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error?.code == "unwanted")
        guard case .failure(let streamed) = await gateway.outcome(of: .user("q")) else {
            Issue.record("a stream began")
            return
        }
        #expect(streamed == error)
        #expect(store.records.isEmpty)
        await provider.cancelled.wait()
    }

    @Test func `a rejection after the first byte is an error event and a failed response, once`() async throws {
        let hook = FakeHook(HookInterest([.events, .complete, .persisted, .failure])) { visit, _ in
            let verdict: HookVerdict =
                visit.point == .events && visit.wasSent ? .reject(GatewayError(.invalidRequest, "Not that.")) : .proceed
            return .now(verdict)
        }
        let store = FakeStore()
        let many = (0..<600).map { ProviderEvent.text("\($0) ") }
        let events = try await Gateway(FakeProvider(many), store: store, hooks: hook).outcome(of: .user("q")).get()
        try StreamRules.check(events)
        #expect(events.error?.code == "request_rejected")
        #expect(events.final?.status == .failed)
        #expect(events.deltas.count == 256, "what had passed was sent")
        #expect(try TurnRecord(decoding: #require(store.records.first)).response.status == .failed)
        #expect(hook.log == ["open", "events", "events", "failure", "close"])
        #expect(hook.visits.last?.json?["response"]?["status"]?.string == "failed")
    }

    @Test func `a provider that fails after some words has a last visit for what was held back`() async throws {
        let hook = hook { visit in visit.isLast ? [.text("all")] : [] }
        let provider = FakeProvider(words, .failed(GatewayError(.provider, "broken")))
        let events = try await Gateway(provider, hooks: hook).outcome(of: .user("q")).get()
        #expect(events.deltas == ["all"] && events.error?.message == "broken")
    }
}
