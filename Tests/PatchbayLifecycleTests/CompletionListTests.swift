import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The list of chat completions that are kept.
@Suite struct CompletionListTests {
    private let store = FakeStore()
    private let gateway: Gateway

    init() {
        gateway = Gateway(FakeProvider([.text("hi")]), store: store)
    }

    private func completion(_ text: String, metadata: String? = nil, owner: String = "a") async throws -> String {
        var request = Request.user(text)
        request.isCompletion = true
        request.fields["metadata"] = metadata.map { Array($0.utf8) }
        return try await gateway.turn(request, owner: owner).id
    }

    private func list(
        _ limit: Int = 20, _ order: PageQuery.Order = .ascending, after: String? = nil, model: String? = nil,
        metadata: [CompletionQuery.Pair] = [], owner: String = "a"
    ) async throws -> (ids: [String], hasMore: Bool) {
        let page = try await gateway.completions(
            CompletionQuery(
                page: PageQuery(limit: limit, order: order, after: after), model: model, metadata: metadata),
            owner: owner)
        return (page.responses.map(\.id), page.hasMore)
    }

    @Test func `it has the owner's completions and nothing else, from the oldest or the newest, page by page`()
        async throws
    {
        var made: [String] = []
        for number in 0..<45 { made.append(try await completion("\(number)")) }
        let others = try await completion("of b", owner: "b")
        _ = try await gateway.turn(.user("a response"))
        // The time stands still: what was made in the same millisecond is in the order of ids.
        made.sort()
        #expect(try await list(100).ids == made)
        #expect(try await list(100, owner: "b").ids == [others])
        for (order, expected) in [(PageQuery.Order.ascending, made), (.descending, made.reversed())] {
            var found: [String] = []
            while true {
                let page = try await list(7, order, after: found.last)
                found += page.ids
                #expect(page.ids.count == 7 || !page.hasMore)
                guard page.hasMore else { break }
            }
            #expect(found == expected, "\(order)")
        }
        let (all, most) = (try await list(45), try await list(44))
        #expect(!all.hasMore && most.hasMore)
    }

    @Test func `the metadata of a response that isn't a completion is left alone`() async throws {
        let id = try await gateway.turn(.user("a response")).id
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.updateCompletion(id, metadata: Array("{}".utf8), owner: "a")
        }
        #expect(error?.kind == .notFound)
    }

    @Test func `it is filtered by the model and by all pairs of metadata`() async throws {
        let one = try await completion("1", metadata: #"{"a":"x","b":"y"}"#)
        _ = try await completion("2", metadata: #"{"a":"x"}"#)
        _ = try await completion("3")
        let pairs = [CompletionQuery.Pair(key: "a", value: "x"), .init(key: "b", value: "y")]
        #expect(try await list(metadata: pairs).ids == [one])
        #expect(try await list(metadata: [pairs[0]]).ids.count == 2)
        #expect(try await list(model: "m").ids.count == 3)
        #expect(try await list(model: "n").ids.isEmpty)
    }

    @Test(arguments: [PageQuery.Order.ascending, .descending])
    func `a place that isn't in the list, a stranger's too, is a 400`(order: PageQuery.Order) async throws {
        _ = try await completion("x")
        let strangers = try await completion("y", owner: "b")
        for place in ["resp_0", strangers] {
            let error = await #expect(throws: GatewayError.self) { try await list(20, order, after: place) }
            #expect(error?.kind == .invalidRequest && error?.param == "after")
        }
    }

    @Test func `it is a turn that can be continued, and its metadata can be changed`() async throws {
        let id = try await completion("x", metadata: #"{"a":"x"}"#)
        let changed = try await gateway.updateCompletion(id, metadata: Array(#"{"b":"y"}"#.utf8), owner: "a")
        let kept = try await gateway.response(id, owner: "a")
        #expect(changed == kept && kept.fields["metadata"] == Array(#"{"b":"y"}"#.utf8))
        #expect(kept.output.count == 1)
        let next = try await gateway.turn(.user("more", after: id))
        #expect(next.previousResponseID == id)
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.updateCompletion(id, metadata: [], owner: "b")
        }
        #expect(error?.kind == .notFound)
    }
}
