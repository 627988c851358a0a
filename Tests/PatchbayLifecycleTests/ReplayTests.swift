import PatchbayLifecycle
import PatchbayModel
import Testing

/// The rules of a conversation's history, each by name, at the lifecycle's border. Over real sockets and stores:
/// PatchbayTests.
@Suite struct ReplayTests {
    @Test func `the provider sees previous input, previous output, new input, in that order`() async throws {
        let provider = FakeProvider([.text("one")])
        let gateway = Gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("first"))
        _ = try await gateway.turn(.user("second", after: first.id))
        let body = provider.lastBody
        let places = ["first", "one", "second"].compactMap { body.range(of: "\"text\":\"\($0)\"")?.lowerBound }
        #expect(places.count == 3 && places == places.sorted())
    }

    @Test func `no id of ours reaches the provider`() async throws {
        let provider = FakeProvider([.reasoning("hm"), .text("one"), .toolCall(index: 0, id: "c1", name: "f")])
        let gateway = Gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("first"))
        _ = try await gateway.turn(.user("second", after: first.id))
        for prefix in ["resp_", "msg_", "fc_", "rs_"] { #expect(!provider.lastBody.contains(prefix)) }
    }

    @Test func `the upstream's id of a response is kept and not shown`() async throws {
        let store = FakeStore()
        let response = try await Gateway(FakeProvider([.text("x")]), store: store).turn(.user("hi"))
        let record = try #require(store.records.first)
        let turn = try TurnRecord(decoding: record)
        #expect(turn.upstreamResponseID == "upstream-1" && turn.response == response)
    }

    @Test func `a turn is stored as a turn`() async throws {
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("answer")]), store: store)
        var last: String?
        for _ in 0..<20 { last = try await gateway.turn(.user("question", after: last)).id }
        let sizes = Set(store.records.map(\.value.count))
        #expect(store.records.count == 20 && sizes.count == 1)
        #expect(Set(store.records.map(\.root)).count == 1)
    }

    @Test(arguments: ["unknown", "foreign", "deleted", "unstored"])
    func `what can't be continued is one and the same 404`(kind: String) async throws {
        let gateway = Gateway(FakeProvider([.text("x")]), store: FakeStore())
        let id: String
        switch kind {
        case "unknown": id = "resp_none"
        case "foreign": id = try await gateway.turn(.user("hi"), owner: "b").id
        case "deleted":
            id = try await gateway.turn(.user("hi")).id
            try await gateway.deleteResponse(id, owner: "a")
        default: id = try await gateway.turn(.user("hi", store: false)).id
        }
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("more", after: id)) }
        #expect(error?.kind == .notFound && error?.code == "previous_response_not_found")
        #expect(error?.param == "previous_response_id")
        #expect(error?.message == "Previous response with id '\(id)' not found.")
    }

    @Test func `without a store, continuing is refused with a reason`() async throws {
        let gateway = Gateway(FakeProvider([.text("x")]), store: nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("m", after: "resp_1")) }
        #expect(error?.kind == .invalidRequest && error?.code == "storage_not_configured")
        #expect(try await gateway.turn(.user("hi")).store == false)
    }

    @Test func `an incomplete turn can be continued, a failed one can't`() async throws {
        let store = FakeStore()
        let cut = try await Gateway(FakeProvider([.text("x")], .length), store: store).turn(.user("hi"))
        #expect(cut.status == .incomplete && cut.incompleteReason == "max_output_tokens")
        _ = try await Gateway(FakeProvider([.text("y")]), store: store).turn(.user("go on", after: cut.id))

        let failing = FakeProvider([.text("x")], .failed(GatewayError(.provider, "broken")))
        let events = try await Gateway(failing, store: store).streamedTurn(.user("hi"))
        guard case .failed(let failed) = events.last else {
            Issue.record("no response.failed")
            return
        }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(FakeProvider([]), store: store).turn(.user("more", after: failed.id))
        }
        #expect(error?.kind == .invalidRequest && error?.code == "previous_response_failed")
    }

    @Test func `an output whose call is nowhere is refused by its path`() async throws {
        let gateway = Gateway(FakeProvider([.toolCall(index: 0, id: "c1", name: "f")]), store: FakeStore())
        let first = try await gateway.turn(.user("hi"))
        _ = try await gateway.turn(.items([.output(of: "c1", "ok")], after: first.id))
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.turn(.items([.user("x"), .output(of: "c2", "ok")], after: first.id))
        }
        #expect(error?.param == "input[1].call_id" && error?.kind == .invalidRequest)
    }

    @Test func `two turns may continue the same response`() async throws {
        let provider = FakeProvider([.text("x")])
        let gateway = Gateway(provider, store: FakeStore())
        let trunk = try await gateway.turn(.user("trunk"))
        let left = try await gateway.turn(.user("left", after: trunk.id))
        _ = try await gateway.turn(.user("right", after: trunk.id))
        #expect(provider.lastBody.contains("trunk") && !provider.lastBody.contains("left"))
        _ = try await gateway.turn(.user("end", after: left.id))
        #expect(provider.lastBody.contains("left") && !provider.lastBody.contains("right"))
    }

    @Test func `deleting a turn leaves its descendants whole`() async throws {
        let provider = FakeProvider([.text("x")])
        let gateway = Gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("first"))
        let second = try await gateway.turn(.user("second", after: first.id))
        try await gateway.deleteResponse(first.id, owner: "a")
        _ = try await gateway.turn(.user("third", after: second.id))
        #expect(provider.lastBody.contains("first"))
        await #expect(throws: GatewayError.self) { try await gateway.response(first.id, owner: "a") }
    }

    @Test func `a commit that fails ends the stream with an error, and the id is not usable`() async throws {
        let store = FakeStore()
        store.failWrites()
        let gateway = Gateway(FakeProvider([.text("x")]), store: store)
        let events = try await gateway.streamedTurn(.user("hi"))
        guard case .error? = events.dropLast().last, case .failed(let response)? = events.last else {
            Issue.record("not error, then response.failed")
            return
        }
        #expect(events.count(where: \.isTerminal) == 1 && response.error?.kind == .storage)
        await #expect(throws: GatewayError.self) { try await gateway.response(response.id, owner: "a") }
        await #expect(throws: GatewayError.self) { try await gateway.turn(.user("hi")) }
    }

    @Test func `input items are the whole input, history included, in pages`() async throws {
        let gateway = Gateway(FakeProvider([.text("x")]), store: FakeStore())
        let first = try await gateway.turn(.user("first"))
        let second = try await gateway.turn(.user("second", after: first.id))
        let all = try await gateway.inputItems(of: second.id, owner: "a", page: PageQuery(limit: 10, order: .ascending))
        #expect(all.items.count == 3 && !all.hasMore && all.items[1].id == first.output[0].id)
        let page = try await gateway.inputItems(of: second.id, owner: "a", page: PageQuery(limit: 2))
        #expect(page.items.map(\.id) == [all.items[2].id, all.items[1].id] && page.hasMore)
        let next = try await gateway.inputItems(
            of: second.id, owner: "a", page: PageQuery(limit: 2, after: page.items[1].id))
        #expect(next.items.map(\.id) == [all.items[0].id] && !next.hasMore)
        await #expect(throws: GatewayError.self) {
            try await gateway.inputItems(of: second.id, owner: "b", page: PageQuery())
        }
    }

    @Test func `a reference stands for its item`() async throws {
        let provider = FakeProvider([.text("the answer")])
        let gateway = Gateway(provider, store: FakeStore())
        let first = try await gateway.turn(.user("hi"))
        let reference = Item(
            kind: .other(type: "item_reference"), id: first.output[0].id,
            body: Array(#"{"type":"item_reference"}"#.utf8))
        _ = try await gateway.turn(.items([reference], after: first.id))
        #expect(provider.lastBody.components("the answer") == 3)
        await #expect(throws: GatewayError.self) { try await gateway.turn(.items([reference])) }
    }

    @Test func `references are bounded by the bytes of what they name`() async throws {
        var policy = GatewayPolicy()
        policy.maxChainBytes = 10_000
        let provider = FakeProvider([.text(String(repeating: "long ", count: 600))])
        let gateway = Gateway(provider, store: FakeStore(), policy: policy)
        let first = try await gateway.turn(.user("hi"))
        let reference = Item(
            kind: .other(type: "item_reference"), id: first.output[0].id,
            body: Array(#"{"type":"item_reference"}"#.utf8))
        _ = try await gateway.turn(.items([reference, reference], after: first.id))
        let many = Array(repeating: reference, count: 4)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.items(many, after: first.id)) }
        #expect(error?.code == "conversation_too_long" && error?.kind == .invalidRequest)
        #expect(provider.requests.count == 2)
    }
}

extension String {
    /// Into how many pieces `separator` cuts the text.
    func components(_ separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }

    func range(of other: String) -> Range<String.Index>? {
        ranges(of: other).first
    }
}
