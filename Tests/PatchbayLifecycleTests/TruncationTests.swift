import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// `truncation`, and the providers that are asked one after the other.
@Suite struct TruncationTests {
    /// A provider that takes bodies with at most `count` of the texts `t0`, `t1`, …
    private func provider(taking count: Int) -> ScriptedProvider {
        ScriptedProvider { body, _ in
            Self.texts(body).count > count ? ([], .tooLong) : ([.text("fine")], ProviderEnd(.stop))
        }
    }

    private func request(_ items: [Item], _ truncation: String?) -> Request {
        var request = Request.items(items)
        request.fields["truncation"] = truncation.map { Array("\"\($0)\"".utf8) }
        return request
    }

    private func assistant(_ text: String) -> Item {
        .json(#"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"\#(text)"}]}"#)
    }

    private static func texts(_ body: String) -> [String] {
        body.split(separator: "\"").map(String.init).filter { $0.wholeMatch(of: /t[0-9]+/) != nil }
    }

    @Test(arguments: [nil, "disabled"])
    func `disabled fails rather than cuts`(truncation: String?) async throws {
        let provider = provider(taking: 1)
        let gateway = Gateway(provider, store: nil)
        let items = [Item.user("t0"), assistant("t1"), .user("t2")]
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(request(items, truncation)) }
        #expect(error?.kind == .invalidRequest && error?.code == "context_length_exceeded")
        #expect(provider.bodies.count == 1)
    }

    @Test func `auto drops the oldest whole turns, in one long input`() async throws {
        let provider = provider(taking: 4)
        let items = (0..<20).map { $0 % 2 == 0 ? Item.user("t\($0)") : assistant("t\($0)") } + [.user("t20")]
        let response = try await Gateway(provider, store: nil).turn(request(items, "auto"))
        #expect(response.status == .completed)
        #expect(provider.bodies.map { Self.texts($0).count } == [21, 19, 17, 13, 5, 1])
        #expect(Self.texts(provider.bodies.last ?? "") == ["t20"])
    }

    @Test func `auto drops turns of the history, and the store keeps all`() async throws {
        let provider = provider(taking: 2)
        let gateway = Gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("t1"))
        let second = try await gateway.turn(.user("t2", after: first.id))
        var third = Request.user("t3", after: second.id)
        third.fields["truncation"] = Array(#""auto""#.utf8)
        let response = try await gateway.turn(third)
        #expect(Self.texts(provider.bodies.last ?? "") == ["t2", "t3"])
        let page = PageQuery(limit: 100, order: .ascending, after: nil, before: nil)
        #expect(try await gateway.inputItems(of: response.id, owner: "a", page: page).items.count == 5)
    }

    @Test func `a tool exchange is never cut, and what the system says stays`() async throws {
        let provider = provider(taking: 2)
        let items = [
            Item.json(#"{"type":"message","role":"developer","content":"t0"}"#), .user("t1"),
            .json(#"{"type":"reasoning","summary":[]}"#),
            .json(#"{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}"#), .user("t2"),
            .output(of: "c1", "t3"), assistant("t4"), .user("t5"),
        ]
        _ = try await Gateway(provider, store: nil).turn(request(items, "auto"))
        #expect(provider.bodies.count == 2)
        #expect(Self.texts(provider.bodies.last ?? "") == ["t0", "t5"])
        #expect(provider.bodies.last?.contains("c1") == false)
    }

    @Test func `what is too long without any turn before it fails`() async throws {
        let gateway = Gateway(provider(taking: 0), store: nil)
        let items = [Item.user("t0"), assistant("t1"), .user("t2")]
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(request(items, "auto")) }
        #expect(error?.code == "context_length_exceeded")
    }

    private func gateway(_ first: any Provider, _ second: any Provider, store: (any HistoryStore)? = nil) -> Gateway {
        Gateway(
            router: Router([
                Router.Entry(name: "m", provider: first, fallbacks: ["n"]),
                Router.Entry(name: "n", provider: second, upstreamModel: "other"),
            ]), store: store, clock: StoppedClock(), logger: .quiet)
    }

    @Test(arguments: [GatewayError.Kind.rateLimited, .overloaded, .provider, .timeout])
    func `a provider that fails before its first word gives way to the next`(kind: GatewayError.Kind) async throws {
        let first = ScriptedProvider("a") { _, _ in ([], ProviderEnd(.failed(GatewayError(kind, "no")))) }
        let second = ScriptedProvider("b") { _, _ in ([.text("yes")], ProviderEnd(.stop)) }
        let response = try await gateway(first, second).turn(.user("hi"))
        #expect(response.status == .completed && response.model == "m")
        #expect(second.bodies.first?.contains(#""model":"other""#) == true)
    }

    @Test func `a fault of the request, and one after the first word, is nobody else's`() async throws {
        let second = ScriptedProvider("b") { _, _ in ([.text("yes")], ProviderEnd(.stop)) }
        let refusing = ScriptedProvider("a") { _, _ in ([], ProviderEnd(.failed(.invalid("no", param: nil)))) }
        let error = await #expect(throws: GatewayError.self) { try await gateway(refusing, second).turn(.user("hi")) }
        #expect(error?.kind == .invalidRequest)
        let breaking = ScriptedProvider("a") { _, _ in
            ([.text("y")], ProviderEnd(.failed(GatewayError(.provider, "broken"))))
        }
        let events = try await gateway(breaking, second).streamedTurn(.user("hi"))
        guard case .failed = events.last else {
            Issue.record("no response.failed")
            return
        }
        #expect(second.bodies.isEmpty)
    }

    @Test func `encrypted reasoning goes back to the provider that made it and to no other`() async throws {
        let reasoning: [ProviderEvent] = [
            .reasoningSummary(part: 0, "short"), .reasoningOpaque("sealed"), .itemEnd, .text("yes"),
        ]
        let first = ScriptedProvider("a") { _, attempt in
            attempt < 3
                ? (reasoning, ProviderEnd(.stop)) : ([], ProviderEnd(.failed(GatewayError(.overloaded, "full"))))
        }
        let second = ScriptedProvider("b") { _, _ in ([.text("yes")], ProviderEnd(.stop)) }
        let gateway = gateway(first, second, store: FakeStore())
        let one = try await gateway.turn(.user("hi"))
        let two = try await gateway.turn(.user("more", after: one.id))
        #expect(first.bodies.last?.contains("sealed") == true)
        _ = try await gateway.turn(.user("again", after: two.id))
        #expect(second.bodies.last?.contains("sealed") == false)
        #expect(second.bodies.last?.contains("short") == true)
    }

    @Test func `records from before the provider was kept are replayed whole`() async throws {
        let json = #"{"type":"reasoning","summary":[],"encrypted_content":"sealed"}"#
        let output = [Item(kind: .reasoning, id: "rs_1", body: Array(json.utf8))]
        let request = Request.user("hi")
        var response = Response(id: "resp_1", createdAt: 1, status: .completed, request: request)
        response.output = output
        for (provider, isThere) in [(nil, true), ("scripted", true), ("other", false)] {
            let store = FakeStore()
            let record = TurnRecord(
                response: response, input: request.input, upstreamResponseID: nil, provider: provider)
            try await store.put(
                StoredRecord(
                    id: "resp_1", parent: nil, root: "resp_1", created: 1, expires: nil, value: record.encoded().value),
                owner: "a", durable: true)
            let scripted = ScriptedProvider { _, _ in ([.text("yes")], ProviderEnd(.stop)) }
            _ = try await Gateway(scripted, store: store).turn(.user("more", after: "resp_1"))
            #expect(scripted.bodies.last?.contains("sealed") == isThere)
            // An item of which nothing is left is left out.
            #expect(scripted.bodies.last?.contains("reasoning") == isThere)
        }
    }
}
