import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The points before a provider is asked, and what each verdict does there.
@Suite struct HookRequestTests {
    private let rejection = GatewayError(.rateLimited, "Not now.", retryAfter: 3)
    private let answer = HookAnswer(
        events: [.text("from "), .text("the hook")], outcome: .stop, usage: Usage(inputTokens: 5, outputTokens: 4))

    // MARK: request

    @Test func `request: a hook sees the body with ids, and what it leaves is what is asked and stored`() async throws {
        let hook = FakeHook(HookInterest([.request])) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
        let provider = FakeProvider([.text("hi")])
        let store = FakeStore()
        let gateway = Gateway(provider, store: store, hooks: hook)
        let request = Request.user("a secret")
        let first = try await gateway.turn(request)
        #expect(first.status == .completed)
        let seen = try #require(hook.visit(at: .request)?.json)
        #expect(seen["model"]?.string == "m")
        #expect(seen["input"]?[0]?["id"]?.string == request.input[0].id)
        #expect(provider.lastBody.contains("a [masked]") && !provider.lastBody.contains("secret"))
        let stored = try TurnRecord(decoding: #require(store.records.first))
        #expect(stored.input.map(\.id) == request.input.map(\.id))
        #expect(String(decoding: stored.input[0].body, as: UTF8.self).contains("[masked]"))
    }

    @Test func `request: what is the client's alone to say is kept whatever the hook's body says`() async throws {
        let body =
            #"{"model":"m","input":"other","stream":true,"background":true,"previous_response_id":"resp_x","#
            + #""conversation":"conv_x","temperature":1}"#
        let hook = FakeHook(at: .request, .replace(Array(body.utf8)))
        let provider = FakeProvider([.text("hi")])
        let gateway = Gateway(provider, store: FakeStore(), hooks: hook)
        let response = try await gateway.turn(.user("q"))
        #expect(!response.background && response.previousResponseID == nil && response.conversationID == nil)
        #expect(response.fields["temperature"] == Array("1".utf8))
        #expect(provider.lastBody.contains("other"))
        let next = try await gateway.turn(.user("q", after: response.id))
        #expect(next.previousResponseID == response.id)
    }

    @Test func `request, history_loaded, route: a rejection is an error before the first byte, streamed and not`()
        async throws
    {
        for point in [HookPoint.request, .historyLoaded, .route] {
            let hook = FakeHook(HookInterest([point, .failure])) { [rejection] visit, _ in
                let verdict: HookVerdict = visit.point == point ? .reject(rejection) : .proceed
                return .now(verdict)
            }
            let provider = FakeProvider([.text("hi")])
            let store = FakeStore()
            let gateway = Gateway(provider, store: store, hooks: hook)
            let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
            #expect(error?.kind == .rateLimited && error?.code == "request_rejected" && error?.retryAfter == 3)
            guard case .failure(let streamed) = await gateway.outcome(of: .user("q")) else {
                Issue.record("\(point) began a stream")
                continue
            }
            #expect(streamed == error)
            #expect(provider.requests.isEmpty && store.records.isEmpty)
            #expect(hook.log == Array(repeating: ["open", point.name, "failure", "close"], count: 2).flatMap(\.self))
            #expect(hook.visit(at: .failure)?.json?["error"]?["message"]?.string == "Not now.")
            #expect(gateway.hooks[0].counts.rejections == 2 && gateway.hooks[0].counts.failures == 0)
        }
    }

    @Test func `request, history_loaded, route: an answer takes the provider's place, streamed and not`() async throws {
        for point in [HookPoint.request, .historyLoaded, .route] {
            let hook = FakeHook(at: point, .answer(answer))
            let provider = FakeProvider([.text("no")])
            let store = FakeStore()
            let gateway = Gateway(provider, store: store, hooks: hook)
            let response = try await gateway.turn(.user("q"))
            #expect(response.text == "from the hook" && response.status == .completed)
            #expect(response.usage?.outputTokens == 4)
            #expect(store.records.count == 1, "it is stored like any other")
            let events = try await gateway.outcome(of: .user("q", after: response.id)).get()
            try StreamRules.check(events)
            #expect(events.deltas == ["from ", "the hook"], "in the same pieces")
            #expect(provider.requests.isEmpty)
        }
    }

    @Test func `an answer's usage is estimated where none is known, and its provider is the one that it names`()
        async throws
    {
        let events: [ProviderEvent] = [.reasoningOpaque("sealed"), .text("hi")]
        let store = FakeStore()
        let hook = FakeHook(
            at: .historyLoaded, .answer(HookAnswer(events: events, outcome: .length, provider: "elsewhere")))
        let response = try await Gateway(FakeProvider([]), store: store, hooks: hook).turn(.user("q"))
        #expect(response.status == .incomplete && response.usage?.isEstimated == true)
        #expect(try TurnRecord(decoding: #require(store.records.first)).provider == "elsewhere")
    }

    // MARK: history_loaded

    @Test func `history_loaded: a hook sees all that the provider would, and what it leaves isn't stored`() async throws
    {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            let input = (try? JSONDocument.parse(Array(body.utf8)))?.root["input"].map {
                String(decoding: $0.raw, as: UTF8.self)
            }
            let more = #"{"input":\#(input?.replacing("first", with: "1st") ?? "[]"),"instructions":"Be brief."}"#
            return .now(.replace(Array(more.utf8)))
        }
        let provider = FakeProvider([.text("hi")])
        let store = FakeStore()
        let gateway = Gateway(provider, store: store, hooks: hook)
        let first = try await gateway.turn(.user("first"))
        var second = Request.user("second", after: first.id)
        second.fields["instructions"] = Array(#""Be long.""#.utf8)
        let last = try await gateway.turn(second)
        let seen = try #require(hook.visits.last?.json)
        #expect(seen["model"]?.string == "m" && seen["instructions"]?.string == "Be long.")
        #expect(seen["input"]?.count == 3, "the history and the new input")
        #expect(provider.lastBody.contains("1st") && !provider.lastBody.contains("first"))
        let asked = try JSONDocument.parse(#require(provider.requests.last).body).root
        #expect(asked["instructions"]?.string == "Be brief.")
        #expect(asked.members.count { $0.key == "instructions" } == 1)
        #expect(last.fields["instructions"] == Array(#""Be long.""#.utf8), "the response repeats the client's")
        let stored = store.records.flatMap(\.value)
        #expect(!String(decoding: stored, as: UTF8.self).contains("1st"))
    }

    @Test func `history_loaded: encrypted reasoning stays that of the provider that made it`() async throws {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            .now(.replace(visit.document?() ?? []))
        }
        let provider = FakeProvider([.reasoning("so"), .reasoningOpaque("sealed"), .text("hi")])
        let other = ScriptedProvider("other") { _, _ in ([.text("ho")], ProviderEnd(.stop)) }
        let gateway = Gateway(provider, store: FakeStore(), others: ["o": other], hooks: hook)
        let first = try await gateway.turn(.user("q"))
        _ = try await gateway.turn(.user("again", after: first.id))
        #expect(provider.lastBody.contains("sealed"))
        var elsewhere = Request.user("again", after: first.id)
        elsewhere.model = "o"
        _ = try await gateway.turn(elsewhere)
        #expect(other.bodies.last?.contains("sealed") == false)
    }

    @Test func `history_loaded: a count and a compaction are seen as well, and ask nobody where a hook answers`()
        async throws
    {
        let masking = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
        let provider = FakeProvider([.text("a summary")])
        let gateway = Gateway(provider, hooks: masking)
        let runner = LoopRunner()
        let compacted = try await runner.run {
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            _ = try await gateway.countInput(of: .user("secret"), in: exchange)
            return try await gateway.compact(.user("secret"), in: exchange)
        }
        #expect(compacted.output.count == 2)
        #expect(provider.lastBody.contains("[masked]") && !provider.lastBody.contains("secret"))
        #expect(masking.log == ["open", "history_loaded", "close", "open", "history_loaded", "close"])

        let unasked = FakeProvider([.text("a summary")])
        let answering = Gateway(unasked, hooks: FakeHook(at: .historyLoaded, .answer(answer)))
        let counted = try await runner.run {
            try await answering.countInput(
                of: .user("q"), in: Exchange(id: "req_1", owner: "a", strand: runner.loop))
        }
        #expect(counted.isEstimated && counted.tokens > 0)
        let error = await #expect(throws: GatewayError.self) {
            try await runner.run {
                try await answering.compact(
                    .user("q"), in: Exchange(id: "req_1", owner: "a", strand: runner.loop))
            }
        }
        #expect(error?.code == "compaction_failed")
        #expect(unasked.requests.isEmpty)
    }

    // MARK: route

    @Test func `route: a hook sees whom the request goes to, and sends it elsewhere`() async throws {
        let hook = FakeHook(at: .route, .replace(Array(#"{"model":"o"}"#.utf8)))
        let provider = FakeProvider([.text("no")])
        let other = ScriptedProvider("other") { _, _ in ([.text("ho")], ProviderEnd(.stop)) }
        let gateway = Gateway(provider, others: ["o": other], fallbacks: ["o"], hooks: hook)
        let response = try await gateway.turn(.user("q"))
        #expect(response.text == "ho" && response.model == "m", "as the client asked for it")
        #expect(provider.requests.isEmpty)
        let seen = try #require(hook.visits.first?.json)
        #expect(seen["provider"]?.string == "fake" && seen["upstream_model"]?.string == "m")
        #expect(seen["fallbacks"]?[0]?["provider"]?.string == "other")
        #expect(hook.visits.count == 1)
    }
}

extension [ResponseEvent] {
    /// The text deltas.
    var deltas: [String] {
        compactMap { if case .textDelta(_, _, let text, _) = $0 { text } else { nil } }
    }
}
