import PatchbayModel

@testable import PatchbayLifecycle

extension Gateway {
    func begin(_ items: [Item] = [], owner: String = "a") async throws -> String {
        try await createConversation(items, metadata: Array("{}".utf8), owner: owner).id
    }

    /// All items, read in pages.
    func allItems(of id: String, order: PageQuery.Order = .ascending, limit: Int = 100, owner: String = "a")
        async throws -> [Item]
    {
        var all: [Item] = []
        while true {
            let query = PageQuery(limit: limit, order: order, after: all.last?.id)
            let page = try await items(of: id, owner: owner, page: query)
            all += page.items
            if !page.hasMore { return all }
        }
    }
}

extension Request {
    static func user(_ text: String, in conversation: String) -> Request { .items([.user(text)], in: conversation) }

    static func items(_ items: [Item], in conversation: String) -> Request {
        Request(
            model: "m", input: items, previousResponseID: nil, conversationID: conversation, stream: false, store: true,
            fields: RequestFields(), tools: [])
    }
}
