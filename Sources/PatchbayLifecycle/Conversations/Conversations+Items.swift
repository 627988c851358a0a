import PatchbayJSON
import PatchbayModel

/// The items of a conversation.
extension Conversations {
    /// A page of the items, those of turns included.
    func items(of id: String, owner: String, page: PageQuery) async throws(GatewayError) -> ItemPage {
        let lines = try await history(id, owner: owner).lines()
        let cut = try page.page(of: lines) { String(decoding: $0.item.id, as: UTF8.self) }
        var items: [Item] = []
        for line in cut.elements { items.append(try line.item.item()) }
        return ItemPage(items: items, hasMore: cut.hasMore)
    }

    /// Throws `.notFound` also for an item that isn't in the conversation.
    func item(_ item: String, of id: String, owner: String) async throws(GatewayError) -> Item {
        let lines = try await history(id, owner: owner).lines()
        guard let line = lines.last(where: { $0.item.id.elementsEqual(item.utf8) }) else {
            throw Self.itemNotFound(item, in: id)
        }
        return try line.item.item()
    }

    /// Adds items at the end, all or none.
    ///
    /// `givenIDs`: the client has chosen ids, which then must be new to the conversation.
    func append(_ items: [Item], givenIDs: Bool, to id: String, owner: String) async throws(GatewayError) {
        let answersCalls = items.contains { $0.kind == .functionCallOutput }
        try Self.checkIDs(of: items, known: [])
        try await change(id, owner: owner) { state throws(GatewayError) -> Change<Void>? in
            guard let state = try await self.shortened(state, owner: owner) else { return nil }
            if givenIDs || answersCalls {
                guard let history = try await self.history(state, owner: owner) else { return nil }
                if givenIDs { try Self.checkIDs(of: items, known: history.ids()) }
                if answersCalls { try Gateway.checkCalls(of: items, at: "items", history: history) }
            }
            let entry = self.entry(items, parent: state.head, root: state.id)
            guard state.bytes + entry.byteCount <= self.policy.maxChainBytes else {
                throw self.tooLong(param: "items")
            }
            return Change(state.writes(appending: [entry]), ())
        }
    }

    /// Takes an item out. All that remain are written anew, as one entry: the item's bytes go as soon as no living
    /// response has it.
    func delete(item: String, of id: String, owner: String) async throws(GatewayError) -> Conversation {
        try await change(id, owner: owner) { state throws(GatewayError) -> Change<Conversation>? in
            guard let history = try await self.history(state, owner: owner) else { return nil }
            let lines = try history.lines()
            let kept = lines.filter { !$0.item.id.elementsEqual(item.utf8) }
            guard kept.count < lines.count else { throw Self.itemNotFound(item, in: id) }
            let entry = self.entry(copying: kept, of: state)
            return Change(state.writes(replacingAllBy: entry), state.conversation)
        }
    }

    /// The conversation, after all of its items have been written anew as one entry if it had become too deep: its
    /// length is bounded by its bytes and not by its turns, and the chain of any response in it stays short. Nil:
    /// another replica was faster.
    func shortened(_ state: ConversationState, owner: String) async throws(GatewayError) -> ConversationState? {
        guard state.depth > max(8, policy.maxChainDepth / 2), state.bytes <= policy.maxChainBytes else { return state }
        guard let history = try await history(state, owner: owner) else { return nil }
        let entry = entry(copying: try history.lines(), of: state)
        let writes = state.writes(replacingAllBy: entry)
        guard try await write(writes, owner: owner), case .put(var record, _)? = writes.first else { return nil }
        record.version = state.version + 1
        return try ConversationState(record)
    }

    private func entry(
        copying lines: [(item: TurnLines.Line, header: ArraySlice<UInt8>)], of state: ConversationState
    ) -> StoredRecord {
        var writer = TurnLineWriter(capacity: lines.reduce(64) { $0 + $1.item.json.count + 64 })
        var provider: String?
        for (item, header) in lines {
            // What only one provider can read stays below a header that names it.
            if item.isBound, case let origin = TurnHeader.provider(in: header), origin != provider {
                provider = origin
                var json = JSONWriter()
                json.object { $0.member("provider", origin) }
                writer.append(.header, id: "", json.bytes)
            }
            writer.append(item)
        }
        return entry(writer, parent: state.id, root: state.id)
    }

    /// No id may come twice, nor be one that is known; references to items aside.
    static func checkIDs(of items: [Item], at place: String = "items", known: Set<String>) throws(GatewayError) {
        var known = known
        for (index, item) in items.enumerated() where item.type != "item_reference" {
            guard let id = item.id, !known.insert(id).inserted else { continue }
            throw .invalid(
                "Duplicate item found with id '\(id.prefix(128))': the conversation has it already. Leave the item out, or send it without its id.",
                param: "\(place)[\(index)].id", code: "duplicate_item")
        }
    }

    private static func itemNotFound(_ item: String, in id: String) -> GatewayError {
        GatewayError(
            .notFound, "Item with id '\(item.prefix(128))' not found in conversation '\(id)'.", code: "item_not_found")
    }
}

extension History {
    /// The ids of all items.
    func ids() throws(GatewayError) -> Set<String> {
        var ids: Set<String> = []
        for (item, _) in try lines() where !item.id.isEmpty { ids.insert(String(decoding: item.id, as: UTF8.self)) }
        return ids
    }
}
