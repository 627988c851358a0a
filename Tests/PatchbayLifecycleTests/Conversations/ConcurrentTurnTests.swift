import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Many at once on one conversation: each turn's items stand together, and nothing is lost.
@Suite struct ConcurrentTurnTests {
    @Test(arguments: [1, 3])
    func `64 turns at once, over so many replicas, keep their items together`(replicas: Int) async throws {
        let store = FakeStore()
        let policy = GatewayPolicy(maxChainDepth: 40)
        let gateways = (0..<replicas).map { _ in
            Gateway(FakeProvider([.text("a"), .itemEnd, .text("b")]), store: store, policy: policy)
        }
        let id = try await gateways[0].begin([.user("first")])
        let turns = try await withThrowingTaskGroup(of: [Item].self) { group in
            for number in 0..<64 {
                let gateway = gateways[number % replicas]
                group.addTask {
                    let request = Request.items([.user("\(number)"), .user("\(number)")], in: id)
                    let response = try await gateway.turn(request)
                    return request.input + response.output
                }
                if number % 8 == 0 {
                    group.addTask {
                        let item = Item.user("posted \(number)")
                        try await gateway.append([item], givenIDs: false, to: id, owner: "a")
                        return [item]
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let items = try await gateways[0].allItems(of: id)
        #expect(items.count == 1 + turns.reduce(0) { $0 + $1.count })
        for turn in turns {
            let start = try #require(items.firstIndex { $0.id == turn[0].id })
            #expect(items[start...].prefix(turn.count).elementsEqual(turn))
        }
        #expect(store.living(.entry).count == 1)
        for gateway in gateways { #expect(gateway.conversations?.locks.count == 0) }
    }

    @Test func `a lock is handed on in the order in which it was asked for`() async {
        let locks = ConversationLocks()
        let key = ConversationLocks.Key(owner: "a", id: "conv_1")
        let order = Order()
        await withTaskGroup(of: Void.self) { group in
            await locks.withLock(key) {
                for number in 0..<10 {
                    group.addTask { await locks.withLock(key) { await order.add(number) } }
                    while locks.waiting(for: key) <= number { await Task.yield() }
                }
            }
        }
        #expect(await order.numbers == Array(0..<10) && locks.count == 0)
    }

    private actor Order {
        private(set) var numbers: [Int] = []
        func add(_ number: Int) { numbers.append(number) }
    }
}
