import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Random operations on a conversation, against a list of items.
@Suite struct ConversationPropertyTests {
    /// What a conversation is, said in the simplest way.
    private struct Model {
        var items: [Item] = []
        var metadata = Array("{}".utf8)
        /// The responses that weren't deleted, each with all items up to its input.
        var responses: [(id: String, input: [Item])] = []
    }

    @Test(arguments: 1...20)
    func `whatever is done, a conversation is the list of its items`(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let store = FakeStore()
        // Short enough that it is written anew every few operations.
        let policy = GatewayPolicy(maxChainDepth: 16, timeToLive: seed % 2 == 0 ? 60_000 : nil)
        let outcomes: [ProviderEnd.Outcome] = [.stop, .length, .failed(GatewayError(.provider, "broken"))]
        let replicas = outcomes.map { Gateway(FakeProvider([.text("x")], $0), store: store, policy: policy) }
        var model = Model(items: [.user("0")])
        let id = try await replicas[0].begin(model.items)
        for step in 1...40 {
            try await Self.perform(step, on: id, replicas, &model, &random)
            let order: PageQuery.Order = Bool.random(using: &random) ? .ascending : .descending
            let limit = Int.random(in: 1...20, using: &random)
            let items = try await replicas[0].allItems(of: id, order: order, limit: limit)
            #expect(items == (order == .ascending ? model.items : model.items.reversed()), "step \(step)")
            #expect(try await replicas[0].conversation(id, owner: "a").metadata == model.metadata)
            try await Self.check(id, in: store)
        }
        for response in model.responses {
            let page = PageQuery(limit: 100, order: .ascending)
            let shown = try await replicas[0].inputItems(of: response.id, owner: "a", page: page).items
            #expect(shown == Array(response.input.prefix(100)))
        }
    }

    private static func perform(
        _ step: Int, on id: String, _ replicas: [Gateway], _ model: inout Model, _ random: inout SeededGenerator
    ) async throws {
        let number = Int.random(in: 0..<replicas.count, using: &random)
        let gateway = replicas[number]
        switch Int.random(in: 0...9, using: &random) {
        case 0...2:
            let items = (0..<Int.random(in: 1...4, using: &random)).map { Item.user("\(step).\($0)") }
            try await gateway.append(items, givenIDs: Bool.random(using: &random), to: id, owner: "a")
            model.items += items
        case 3...6:
            let request = Request.user("\(step)", in: id)
            let before = model.items
            guard number < 2 else {
                await #expect(throws: GatewayError.self) { try await gateway.turn(request) }
                return
            }
            let response = try await gateway.turn(request)
            model.items += request.input + response.output
            model.responses.append((response.id, before + request.input))
        case 7:
            guard let item = model.items.randomElement(using: &random)?.id else { return }
            _ = try await gateway.deleteItem(item, of: id, owner: "a")
            model.items.removeAll { $0.id == item }
        case 8:
            guard let index = model.responses.indices.randomElement(using: &random) else { return }
            try await gateway.deleteResponse(model.responses.remove(at: index).id, owner: "a")
        default:
            model.metadata = Array(#"{"step":"\#(step)"}"#.utf8)
            _ = try await gateway.updateConversation(id, metadata: model.metadata, owner: "a")
        }
    }

    /// What the conversation says of its chain is so, and nothing but its head lives beside its responses.
    private static func check(_ id: String, in store: FakeStore) async throws {
        let record = try #require(try await store.get(id, owner: "a"))
        let state = try ConversationState(record)
        let chain = try await store.loadChain(state.head, owner: "a", maxDepth: state.depth, maxBytes: .max)
        let bytes = try #require(chain).dropFirst().reduce(0) { $0 + $1.byteCount }
        #expect(chain?.count == state.depth && bytes == state.bytes)
        #expect(store.living(.entry).map(\.id) == [state.head])
        #expect(store.living(.entry).first?.expires == state.expires)
    }
}
