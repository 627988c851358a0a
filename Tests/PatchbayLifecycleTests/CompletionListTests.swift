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

    /// What a scan within bounds makes of all that is kept, from the newest.
    private func scanned(_ query: CompletionQuery, _ bounds: CompletionScan.Bounds) throws -> CompletionPage {
        var scan = CompletionScan(query, bounds: bounds)
        var records = store.living(.completion).sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        if query.page.order == .descending, let after = query.page.after {
            records.removeSubrange(...(try #require(records.firstIndex { $0.id == after })))
        }
        for record in records { try scan.look(at: record) }
        return try scan.page()
    }

    @Test func `from the newest, a page ends where its bound is met, and says where to go on`() async throws {
        for number in 0..<9 { _ = try await completion("\(number)", metadata: #"{"n":"\#(number)"}"#) }
        let records = store.living(.completion).sorted { $0.id > $1.id }
        let pairs = try records.map { record in
            let metadata = try TurnRecord(decoding: record).response.fields["metadata"]
            return String(decoding: metadata ?? [], as: UTF8.self).filter(\.isNumber)
        }
        func query(_ index: Int, after: Int? = nil) -> CompletionQuery {
            CompletionQuery(
                page: PageQuery(limit: 5, order: .descending, after: after.map { records[$0].id }),
                metadata: [.init(key: "n", value: pairs[index])])
        }
        for bounds in [
            CompletionScan.Bounds(records: 4),
            .init(bytes: records[..<4].reduce(0) { $0 + $1.byteCount }),
        ] {
            let found = try scanned(query(1), bounds)
            #expect(found.responses.map(\.id) == [records[1].id] && found.hasMore && found.last == records[3].id)
            let error = #expect(throws: GatewayError.self) { try scanned(query(6), bounds) }
            let place = Identifier.chatCompletion(of: records[3].id)
            #expect(error?.param == "after" && error?.message.contains("'after=\(place)'") == true)
            let next = try scanned(query(6, after: 3), CompletionScan.Bounds(records: 4))
            #expect(next.responses.map(\.id) == [records[6].id] && next.hasMore && next.last == records[7].id)
            #expect(try scanned(query(8, after: 7), bounds).hasMore == false)
        }
        let one = try scanned(
            CompletionQuery(page: PageQuery(limit: 5, order: .descending, after: nil)), CompletionScan.Bounds(bytes: 1))
        #expect(one.responses.count == 1 && one.hasMore && one.last == records[0].id, "one always fits")
        let full = try scanned(CompletionQuery(page: PageQuery(limit: 4, order: .descending, after: nil)), .init())
        #expect(full.responses.count == 4 && full.hasMore && full.last == records[3].id)
    }

    @Test func `from the oldest, too many are a 400 that names the way that goes`() async throws {
        for number in 0..<3 { _ = try await completion("\(number)") }
        let bytes = store.living(.completion).reduce(0) { $0 + $1.byteCount }
        let query = CompletionQuery(page: PageQuery(limit: 1, order: .ascending, after: nil))
        #expect(try scanned(query, CompletionScan.Bounds(records: 3, bytes: bytes)).hasMore)
        for bounds in [CompletionScan.Bounds(records: 2), .init(bytes: bytes - 1)] {
            let error = #expect(throws: GatewayError.self) { try scanned(query, bounds) }
            #expect(error?.param == "order" && error?.message.contains("'order=desc'") == true)
        }
    }
}
