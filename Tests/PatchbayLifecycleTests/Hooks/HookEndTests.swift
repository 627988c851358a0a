import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The points of a request's end, and that each request has exactly one.
@Suite struct HookEndTests {
    private let ends = HookInterest([.complete, .persisted, .failure])
    private let rejection = GatewayError(.invalidRequest, "Not that.")

    @Test func `complete, then persisted: the response before and after it is stored`() async throws {
        let store = FakeStore()
        let hook = FakeHook(ends) { visit, _ in
            if visit.point == .complete { #expect(store.records.isEmpty) }
            if visit.point == .persisted { #expect(store.records.count == 1) }
            return .now(.proceed)
        }
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store, hooks: hook)
        let response = try await gateway.turn(.user("q"))
        #expect(hook.log == ["open", "complete", "persisted", "close"])
        for visit in hook.visits {
            #expect(visit.json?["id"]?.string == response.id && visit.json?["status"]?.string == "completed")
            #expect(visit.json?["output"]?[0]?["content"]?[0]?["text"]?.string == "hi")
        }
        #expect(hook.visits.map(\.wasSent) == [false, false])
    }

    @Test func `a streamed answer was sent by then, and unstored ones have the same points`() async throws {
        let hook = FakeHook(ends)
        _ = try await Gateway(FakeProvider([.text("hi")]), hooks: hook).outcome(of: .user("q")).get()
        #expect(hook.log == ["open", "complete", "persisted", "close"])
        #expect(hook.visits.map(\.wasSent) == [true, true])
    }

    @Test func `an incomplete answer is complete to the hooks, with its status`() async throws {
        let hook = FakeHook(ends)
        _ = try await Gateway(FakeProvider([.text("hi")], .length), hooks: hook).turn(.user("q"))
        #expect(hook.visits.map { $0.json?["status"]?.string } == ["incomplete", "incomplete"])
    }

    @Test func `complete: another output takes the place of one that nobody has seen`() async throws {
        let hook = FakeHook(HookInterest([.complete])) { visit, _ in
            let document = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(document.replacing("secret", with: "[masked]").utf8)))
        }
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("a secret")]), store: store, hooks: hook)
        let response = try await gateway.turn(.user("q"))
        #expect(response.text == "a [masked]")
        #expect(hook.visits[0].json?["output"]?[0]?["id"]?.string == response.output[0].id, "its id stays")
        #expect(try await gateway.response(response.id, owner: "a").text == "a [masked]")
        let replayed = try await gateway.resumed(response.id)
        #expect(replayed.final == response)
    }

    @Test func `complete: items that are new get ids of ours`() async throws {
        let output =
            #"{"output":[{"id":"msg_upstream","type":"message","role":"assistant","content":[]},{"type":"vendor:x"}]}"#
        let hook = FakeHook(at: .complete, .replace(Array(output.utf8)))
        let response = try await Gateway(FakeProvider([.text("x")]), hooks: hook).turn(.user("q"))
        #expect(response.output.count == 2)
        #expect(response.output.allSatisfy { $0.id != nil && $0.id != "msg_upstream" })
    }

    @Test func `complete: an output that doesn't fit 'text.format' fails the response`() async throws {
        let output =
            #"{"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"no"}]}]}"#
        let hook = FakeHook(at: .complete, .replace(Array(output.utf8)))
        var request = Request.user("q")
        request.fields["text"] = Array(#"{"format":{"type":"json_object"}}"#.utf8)
        let gateway = Gateway(FakeProvider([.text("{}")]), hooks: hook)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(request) }
        #expect(error?.code == "output_not_json")
    }

    @Test func `complete: what was sent can't be replaced`() async throws {
        for policy in [HookEntry.OnError.failOpen, .failClosed] {
            let hook = FakeHook(at: .complete, .replace(Array(#"{"output":[]}"#.utf8)))
            let entry = HookEntry(hook, onError: policy, budget: .seconds(60))
            let gateway = Gateway(FakeProvider([.text("hi")]), entries: [entry])
            let events = try await gateway.outcome(of: .user("q")).get()
            #expect(entry.counts.failures == 1)
            #expect(events.final?.status == (policy == .failOpen ? .completed : .failed))
            #expect(events.error?.code == (policy == .failOpen ? nil : "hook_failed"))
        }
    }

    @Test func `complete: an empty stream that nobody has seen gets the output whole`() async throws {
        let output =
            #"{"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}]}"#
        let store = FakeStore()
        let gateway = Gateway(
            FakeProvider([]), store: store, hooks: FakeHook(at: .complete, .replace(Array(output.utf8))))
        let events = try await gateway.outcome(of: .user("q")).get()
        try StreamRules.check(events)
        let final = try #require(events.final)
        #expect(final.text == "hi")
        #expect(try await gateway.resumed(final.id).count == events.count)
    }

    @Test func `complete: a rejection is an error before the first byte and an event after it`() async throws {
        let hook = FakeHook(ends) { [rejection] visit, _ in
            let verdict: HookVerdict = visit.point == .complete ? .reject(rejection) : .proceed
            return .now(verdict)
        }
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store, hooks: hook)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error?.code == "request_rejected" && store.records.isEmpty)
        let events = try await gateway.outcome(of: .user("q")).get()
        try StreamRules.check(events)
        #expect(events.error == error && events.final?.status == .failed)
        let once = ["open", "complete", "failure", "close"]
        #expect(hook.log == once + once)
    }

    @Test func `a store that fails after complete is a failure`() async throws {
        let hook = FakeHook(ends)
        let store = FakeStore()
        store.failWrites()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store, hooks: hook)
        await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        let events = try await gateway.outcome(of: .user("q")).get()
        #expect(events.final?.status == .failed)
        let once = ["open", "complete", "failure", "close"]
        #expect(hook.log == once + once)
        #expect(hook.visit(at: .failure)?.json?["error"]?["kind"]?.string == "storage")
        #expect(hook.visit(at: .failure)?.json?["response"]?.isNull == true)
    }

    @Test func `persisted and failure: nothing that a hook says changes anything`() async throws {
        let verdicts: [HookVerdict] = [
            .reject(GatewayError(.invalidRequest, "no")), .replace(Array("{}".utf8)), .failed(HookFault("no")),
            .answer(HookAnswer(events: [], outcome: .stop)),
        ]
        for verdict in verdicts {
            let hook = FakeHook(at: .persisted, verdict)
            let gateway = Gateway(FakeProvider([.text("hi")]), hooks: hook)
            #expect(try await gateway.turn(.user("q")).status == .completed)
            #expect(gateway.hooks[0].counts.failures == 1 && gateway.hooks[0].counts.rejections == 0)
            let other = Gateway(
                FakeProvider([], .failed(GatewayError(.provider, "broken"))), hooks: FakeHook(at: .failure, verdict))
            let error = await #expect(throws: GatewayError.self) { try await other.turn(.user("q")) }
            #expect(error?.message == "broken" && other.hooks[0].counts.failures == 1)
        }
    }

    @Test func `what fails before a provider is asked is a failure of the hooks that it has come to`() async throws {
        let first = FakeHook(named: "first", HookInterest([.failure]))
        let second = FakeHook(named: "second", at: .request, .reject(rejection))
        let third = FakeHook(named: "third", .all)
        let gateway = Gateway(FakeProvider([]), hooks: first, second, third)
        await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(first.log == ["open", "failure", "close"])
        #expect(third.log == [], "it never came there")

        let watching = FakeHook(named: "watching", .all)
        let other = Gateway(FakeProvider([]), hooks: watching)
        var request = Request.user("q")
        request.model = "unknown"
        let error = await #expect(throws: GatewayError.self) { try await other.turn(request) }
        #expect(error?.code == "model_not_found")
        #expect(watching.log == ["open", "request", "failure", "close"])
    }
}
