import PatchbayModel

/// What can be done with conversations. Each throws `.notFound` for one that isn't there or is somebody else's, and
/// `.invalidRequest` where no store is configured.
extension Gateway {
    /// Begins a conversation. `metadata`: one JSON object of strings.
    package func createConversation(_ items: [Item], metadata: [UInt8], owner: String) async throws(GatewayError)
        -> Conversation
    {
        try await keeper().create(items, metadata: metadata, owner: owner)
    }

    package func conversation(_ id: String, owner: String) async throws(GatewayError) -> Conversation {
        try await keeper().conversation(id, owner: owner)
    }

    /// Puts other metadata in the place of the old.
    package func updateConversation(_ id: String, metadata: [UInt8], owner: String) async throws(GatewayError)
        -> Conversation
    {
        try await keeper().update(id, metadata: metadata, owner: owner)
    }

    /// From now on it is not found; its responses stay.
    package func deleteConversation(_ id: String, owner: String) async throws(GatewayError) {
        try await keeper().delete(id, owner: owner)
    }

    package func items(of conversation: String, owner: String, page: PageQuery) async throws(GatewayError) -> ItemPage {
        try await keeper().items(of: conversation, owner: owner, page: page)
    }

    /// Adds items at the end, all or none; `givenIDs`: some have ids of the client's.
    package func append(_ items: [Item], givenIDs: Bool, to conversation: String, owner: String)
        async throws(GatewayError)
    {
        try await keeper().append(items, givenIDs: givenIDs, to: conversation, owner: owner)
    }

    package func item(_ id: String, of conversation: String, owner: String) async throws(GatewayError) -> Item {
        try await keeper().item(id, of: conversation, owner: owner)
    }

    /// Takes an item out of a conversation, which is answered.
    package func deleteItem(_ id: String, of conversation: String, owner: String) async throws(GatewayError)
        -> Conversation
    {
        try await keeper().delete(item: id, of: conversation, owner: owner)
    }

    private func keeper() throws(GatewayError) -> Conversations {
        guard let conversations else { throw Self.noStore(for: "conversations", param: nil) }
        return conversations
    }

    /// `what`: what can't be without a store.
    static func noStore(for what: String, param: String?) -> GatewayError {
        .invalid(
            "This server keeps no \(what): its configuration names no storage plugin (storage.plugin).", param: param,
            code: "storage_not_configured")
    }
}
