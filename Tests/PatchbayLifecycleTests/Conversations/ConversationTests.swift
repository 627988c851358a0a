import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What is done with a conversation and its items.
@Suite struct ConversationTests {
    private let store = FakeStore()
    private let gateway: Gateway

    init() {
        gateway = Gateway(FakeProvider([.text("answer")]), store: store)
    }

    @Test func `items are given back as they came, in order, from either end`() async throws {
        let first = [Item.user("1"), .user("2")]
        let id = try await gateway.begin(first)
        let second = [Item.json(#"{"type":"vendor:thing","id":"own-id","x":[1, 2.50]}"#)]
        try await gateway.append(second, givenIDs: true, to: id, owner: "a")
        #expect(try await gateway.allItems(of: id) == first + second)
        #expect(try await gateway.allItems(of: id, order: .descending, limit: 1) == (first + second).reversed())
        #expect(try await gateway.item("own-id", of: id, owner: "a") == second[0])
    }

    @Test func `metadata is replaced and the rest stays`() async throws {
        let id = try await gateway.begin([.user("1")])
        let updated = try await gateway.updateConversation(id, metadata: Array(#"{"a":"b"}"#.utf8), owner: "a")
        #expect(try await gateway.conversation(id, owner: "a") == updated)
        #expect(updated.metadata == Array(#"{"a":"b"}"#.utf8) && updated.createdAt == 1_700_000_000)
        #expect(try await gateway.allItems(of: id).count == 1)
    }

    @Test func `a deleted item is gone, the others stay, and its bytes go`() async throws {
        let image = String(repeating: "QUJD", count: 2000)
        let items = [
            Item.user("keep"), .user("secret"),
            .json(
                #"{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,\#(image)"}]}"#
            ),
        ]
        let id = try await gateway.begin(items)
        _ = try await gateway.deleteItem(try #require(items[1].id), of: id, owner: "a")
        #expect(try await gateway.allItems(of: id) == [items[0], items[2]])
        let head = try #require(store.living(.entry).first)
        #expect(head.parent == id && head.blobs.count == 1)
        #expect(!String(decoding: head.value, as: UTF8.self).contains("secret"))
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.item(try #require(items[1].id), of: id, owner: "a")
        }
        #expect(error?.kind == .notFound && error?.code == "item_not_found")
    }

    @Test func `a deleted conversation and what it had are gone`() async throws {
        let id = try await gateway.begin([.user("1")])
        try await gateway.append([.user("2")], givenIDs: false, to: id, owner: "a")
        try await gateway.deleteConversation(id, owner: "a")
        #expect(store.living(.entry).isEmpty && store.living(.conversation).isEmpty)
        await #expect(throws: Conversations.notFound(id)) { try await gateway.conversation(id, owner: "a") }
    }

    @Test(arguments: ["stranger", "unknown", "a response's id", "evicted"])
    func `what isn't there is one and the same 404 on every verb`(kind: String) async throws {
        var id = try await gateway.begin([.user("1")])
        let item = try #require(try await gateway.allItems(of: id).first?.id)
        var owner = "a"
        switch kind {
        case "stranger": owner = "b"
        case "unknown": id = Identifier.conversation()
        case "a response's id": id = try await gateway.turn(.user("x")).id
        default:
            let head = try #require(store.living(.entry).first)
            _ = try await store.remove(head.id, owner: "a", durable: true)
        }
        let (target, asking) = (id, owner)
        let verbs: [@Sendable () async throws -> Void] = [
            { _ = try await gateway.conversation(target, owner: asking) },
            { _ = try await gateway.updateConversation(target, metadata: Array("{}".utf8), owner: asking) },
            { try await gateway.deleteConversation(target, owner: asking) },
            { _ = try await gateway.items(of: target, owner: asking, page: PageQuery()) },
            { try await gateway.append([.user("2")], givenIDs: false, to: target, owner: asking) },
            { _ = try await gateway.item(item, of: target, owner: asking) },
            { _ = try await gateway.deleteItem(item, of: target, owner: asking) },
        ]
        for verb in verbs { await #expect(throws: Conversations.notFound(target)) { try await verb() } }
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.turn(.user("x", in: target), owner: asking)
        }
        #expect(error?.message == Conversations.notFound(target).message && error?.param == "conversation")
        #expect(error?.code == "conversation_not_found")
    }

    @Test func `an id that the conversation has is refused`() async throws {
        let id = try await gateway.begin([.json(#"{"type":"vendor:thing","id":"mine"}"#)])
        let again = Item.json(#"{"type":"vendor:other","id":"mine"}"#)
        for items in [[again], [.user("x"), again]] {
            let error = await #expect(throws: GatewayError.self) {
                try await gateway.append(items, givenIDs: true, to: id, owner: "a")
            }
            #expect(error?.code == "duplicate_item" && error?.param == "items[\(items.count - 1)].id")
        }
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.items([again], in: id)) }
        #expect(error?.code == "duplicate_item" && error?.param == "input[0].id")
        await #expect(throws: GatewayError.self) { try await gateway.begin([again, again]) }
    }

    @Test func `an output without its call is refused, and one with its call is taken`() async throws {
        let id = try await gateway.begin()
        let output = Item.output(of: "c", "done")
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.append([output], givenIDs: false, to: id, owner: "a")
        }
        #expect(error?.code == "tool_call_not_found" && error?.param == "items[0].call_id")
        let call = Item.json(#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#)
        try await gateway.append([call], givenIDs: false, to: id, owner: "a")
        try await gateway.append([output], givenIDs: false, to: id, owner: "a")
        #expect(try await gateway.allItems(of: id) == [call, output])
    }

    @Test func `a conversation is bounded by its bytes and not by its length`() async throws {
        let gateway = Gateway(
            FakeProvider([.text("answer")]), store: store,
            policy: GatewayPolicy(maxChainDepth: 4, maxChainBytes: 20_000))
        let id = try await gateway.begin()
        for number in 0..<60 {
            try await gateway.append([.user("\(number)")], givenIDs: false, to: id, owner: "a")
        }
        #expect(try await gateway.allItems(of: id).count == 60)
        let large = Item.user(String(repeating: "x", count: 15_000))
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.append([large], givenIDs: false, to: id, owner: "a")
        }
        #expect(error?.kind == .invalidRequest && error?.code == "conversation_too_long" && error?.param == "items")
        let turn = await #expect(throws: GatewayError.self) { try await gateway.turn(.items([large], in: id)) }
        #expect(turn?.code == "conversation_too_long" && turn?.param == "conversation")
        #expect(try await gateway.allItems(of: id).count == 60)
    }

    @Test func `without a store there are none, and the answer says so`() async throws {
        let gateway = Gateway(FakeProvider([]), store: nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway.begin() }
        #expect(error?.kind == .invalidRequest && error?.code == "storage_not_configured")
        let turn = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("x", in: "conv_1")) }
        #expect(turn?.code == "storage_not_configured" && turn?.param == "conversation")
    }

    @Test func `who is overtaken all the time gives up and says so`() async throws {
        let id = try await gateway.begin([.user("1")])
        store.overtakeAlways()
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.append([.user("2")], givenIDs: false, to: id, owner: "a")
        }
        #expect(error?.kind == .conflict && error?.code == "conversation_busy" && error?.retryAfter == 1)
        #expect(try await gateway.allItems(of: id).count == 1)
    }

    @Test func `a store that fails leaves nothing half done`() async throws {
        let id = try await gateway.begin([.user("1")])
        let before = Set(store.records)
        store.failWrites()
        await #expect(throws: GatewayError.self) {
            try await gateway.append([.user("2")], givenIDs: false, to: id, owner: "a")
        }
        #expect(Set(store.records) == before && gateway.conversations?.locks.count == 0)
    }
}
