import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Turns that belong to a conversation.
@Suite struct ConversationTurnTests {
    private let store = FakeStore()
    private let provider = FakeProvider([.text("answer")])
    private let gateway: Gateway

    init() {
        gateway = Gateway(provider, store: store)
    }

    @Test func `a turn sees the conversation and adds what it took and gave`() async throws {
        let id = try await gateway.begin([.user("first")])
        let request = Request.user("second", in: id)
        let response = try await gateway.turn(request)
        #expect(response.conversationID == id && response.previousResponseID == nil)
        let items = try await gateway.allItems(of: id)
        #expect(items.count == 3 && items[1] == request.input[0] && items[2] == response.output[0])
        #expect(try await gateway.response(response.id, owner: "a") == response)
        _ = try await gateway.turn(.user("third", in: id))
        let body = provider.lastBody
        let places = ["first", "second", "answer", "third"].map { body.range(of: "\"text\":\"\($0)\"")?.lowerBound }
        #expect(places.allSatisfy { $0 != nil } && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(!body.contains(id) && !body.contains("entry_"))
    }

    @Test func `a streamed turn says its conversation from the first event on`() async throws {
        let id = try await gateway.begin()
        let events = try await gateway.streamedTurn(.user("x", in: id))
        guard case .created(let created)? = events.first, case .completed(let completed)? = events.last else {
            Issue.record("a stream from created to completed")
            return
        }
        #expect(created.conversationID == id && completed.conversationID == id)
        #expect(try await gateway.allItems(of: id).count == 2)
    }

    @Test func `a failed turn adds nothing, and is there by its id`() async throws {
        let failing = Gateway(
            FakeProvider([.text("half")], .failed(GatewayError(.provider, "broken"))), store: store)
        let id = try await gateway.begin([.user("first")])
        let events = try await failing.streamedTurn(.user("second", in: id))
        guard case .failed(let response)? = events.last else {
            Issue.record("a stream that ends with failed")
            return
        }
        #expect(try await gateway.response(response.id, owner: "a").status == .failed)
        #expect(try await gateway.allItems(of: id).count == 1)
    }

    @Test func `an incomplete turn adds what there is`() async throws {
        let short = Gateway(FakeProvider([.text("half")], .length), store: store)
        let id = try await gateway.begin()
        let response = try await short.turn(.user("x", in: id))
        #expect(response.status == .incomplete)
        #expect(try await gateway.allItems(of: id).count == 2)
    }

    @Test func `a deleted response leaves the conversation whole`() async throws {
        let id = try await gateway.begin()
        let response = try await gateway.turn(.user("x", in: id))
        try await gateway.deleteResponse(response.id, owner: "a")
        #expect(try await gateway.allItems(of: id).count == 2)
        _ = try await gateway.turn(.user("y", in: id))
        #expect(try await gateway.allItems(of: id).count == 4)
    }

    @Test func `a response of a conversation can be continued as any other, as of then`() async throws {
        let id = try await gateway.begin([.user("first")])
        let response = try await gateway.turn(.user("second", in: id))
        _ = try await gateway.turn(.user("third", in: id))
        let branch = try await gateway.turn(.user("branch", after: response.id))
        #expect(branch.conversationID == nil && branch.previousResponseID == response.id)
        let items = try await gateway.inputItems(of: branch.id, owner: "a", page: PageQuery(limit: 100))
        #expect(items.items.count == 4)
        #expect(try await gateway.allItems(of: id).count == 5)
        try await gateway.deleteConversation(id, owner: "a")
        #expect(try await gateway.turn(.user("more", after: branch.id)).status == .completed)
        #expect(try await gateway.response(response.id, owner: "a").conversationID == id)
    }

    @Test func `no id but a response's is a response's`() async throws {
        let id = try await gateway.begin([.user("x")])
        let entry = try #require(store.living(.entry).first?.id)
        for id in [id, entry] {
            await #expect(throws: GatewayError.self) { try await gateway.response(id, owner: "a") }
            await #expect(throws: GatewayError.self) { try await gateway.deleteResponse(id, owner: "a") }
            await #expect(throws: GatewayError.self) {
                try await gateway.inputItems(of: id, owner: "a", page: PageQuery())
            }
            let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("x", after: id)) }
            #expect(error?.code == "previous_response_not_found")
        }
        #expect(try await gateway.allItems(of: id).count == 1)
    }

    @Test func `a reference in a turn becomes an item of its own`() async throws {
        let item = Item.user("first")
        let id = try await gateway.begin([item])
        let reference = Item(
            kind: .other(type: "item_reference"), id: item.id, body: Array(#"{"type":"item_reference"}"#.utf8))
        _ = try await gateway.turn(.items([reference], in: id))
        let items = try await gateway.allItems(of: id)
        #expect(items.count == 3 && items[1].body == item.body && Set(items.map(\.id)).count == 3)
    }

    @Test func `a turn whose conversation was deleted under it is not kept`() async throws {
        let id = try await gateway.begin()
        try await gateway.deleteConversation(id, owner: "a")
        let before = Set(store.records)
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.conversations?.commit(Self.record(), to: id, owner: "a")
        }
        #expect(error?.code == "conversation_not_found" && error?.param == "conversation")
        #expect(Set(store.records) == before)
    }

    @Test(arguments: [false, true])
    func `a response that is in the store while it is made gets its place at its end`(isJobGone: Bool) async throws {
        let id = try await gateway.begin([.user("first")])
        let running = Self.record()
        let job = StoredRecord(
            id: "job_1", kind: .job, parent: nil, root: "job_1", created: 0, expires: nil, value: [])
        let writes: [StoreWrite] = [.put(running, if: .absent)] + (isJobGone ? [] : [.put(job, if: .absent)])
        try await store.write(writes, owner: "a", durable: false)
        try await gateway.append([.user("second")], givenIDs: false, to: id, owner: "a")
        try await gateway.conversations?.commit(running, over: 1, to: id, owner: "a", with: [.remove(job.id)])
        let kept = try #require(try await store.get(running.id, owner: "a"))
        #expect(kept.root == id && kept.parent != nil && store.living(.job).isEmpty)
        #expect(store.living(.entry).count == 1 && store.living(.entry).first?.parent == running.id)
    }

    @Test func `a response that another server has ended stays as it is`() async throws {
        let id = try await gateway.begin()
        var running = Self.record()
        try await store.put(running, owner: "a", durable: false)
        running.value = Array("cancelled".utf8)
        try await store.put(running, if: .version(1), owner: "a", durable: false)
        let before = Set(store.records)
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.conversations?.commit(Self.record(running.id), over: 1, to: id, owner: "a")
        }
        #expect(error?.kind == .conflict && error?.code == "response_changed")
        #expect(Set(store.records) == before)
    }

    @Test func `what only its provider can read stays its own when a conversation is written anew`() async throws {
        let gateway = Gateway(FakeProvider([.reasoningOpaque("sealed"), .text("x")]), store: store)
        let item = Item.user("first")
        let id = try await gateway.begin([item])
        _ = try await gateway.turn(.user("second", in: id))
        let before = try await gateway.conversations?.history(id, owner: "a").sinceCompaction().origins
        #expect(before == [nil, nil, "fake", nil])
        _ = try await gateway.deleteItem(try #require(item.id), of: id, owner: "a")
        let after = try await gateway.conversations?.history(id, owner: "a").sinceCompaction().origins
        #expect(after == [nil, "fake", nil])
    }

    @Test(arguments: [false, true])
    func `a turn of the background adds what it made, once it has ended`(stream: Bool) async throws {
        let id = try await gateway.begin([.user("first")])
        var request = Request.user("second", in: id)
        (request.background, request.stream) = (true, stream)
        let queued = try await gateway.turn(request)
        #expect(queued.status == .queued && queued.conversationID == id)
        while try await gateway.response(queued.id, owner: "a").status != .completed { await Task.yield() }
        let response = try await gateway.response(queued.id, owner: "a")
        #expect(response.conversationID == id && response.previousResponseID == nil)
        let items = try await gateway.allItems(of: id)
        #expect(items.count == 3 && items[2] == response.output[0] && store.living(.job).isEmpty)
        #expect(try await gateway.turn(.user("more", after: response.id)).status == .completed)
    }

    @Test func `a turn of the background whose conversation was deleted has failed, and does not seem to run`()
        async throws
    {
        let hanging = FakeProvider([.text("x")], hangs: true)
        let gateway = Gateway(hanging, store: store)
        let id = try await gateway.begin()
        var request = Request.user("x", in: id)
        request.background = true
        let queued = try await gateway.turn(request)
        while hanging.requests.isEmpty { await Task.yield() }
        try await gateway.deleteConversation(id, owner: "a")
        await hanging.release()
        while try await !gateway.response(queued.id, owner: "a").status.isTerminal { await Task.yield() }
        let response = try await gateway.response(queued.id, owner: "a")
        #expect(response.status == .failed && response.error?.code == "conversation_not_found")
        #expect(store.living(.job).isEmpty)
    }

    private static func record(_ id: String = Identifier.response()) -> StoredRecord {
        StoredRecord(id: id, parent: nil, root: id, created: 1, expires: nil, value: Array("x".utf8))
    }
}
