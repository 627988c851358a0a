import PatchbayModel

/// What can be done with a stored response.
extension Gateway {
    /// A stored response, or one that is just being made. Throws `.notFound` for one that isn't there or is somebody
    /// else's.
    package func response(_ id: String, owner: String) async throws(GatewayError) -> Response {
        if let live = live.find(id, owner: owner) { return await live.response() }
        guard Identifier.isResponse(id), let record = try await store?.get(id, owner: owner) else {
            throw Self.responseNotFound(id)
        }
        return try await settled(record, owner: owner).response
    }

    /// Deletes a stored response: from now on it is not found, and turns that continue it still can.
    package func deleteResponse(_ id: String, owner: String) async throws(GatewayError) {
        if live.find(id, owner: owner) != nil {
            throw GatewayError(
                .conflict, "The response '\(id)' is still running. Delete it once it has ended.",
                code: "response_running")
        }
        guard Identifier.isResponse(id), let store, try await store.remove(id, owner: owner, durable: policy.durable)
        else {
            throw Self.responseNotFound(id)
        }
    }

    /// A page of a stored response's input: what the model was given, history included, without the answer.
    package func inputItems(of id: String, owner: String, page: PageQuery) async throws(GatewayError) -> ItemPage {
        guard Identifier.isResponse(id) else { throw Self.responseNotFound(id) }
        let records = try await store?.loadChain(
            id, owner: owner, maxDepth: policy.maxChainDepth + 1, maxBytes: policy.maxChainBytes * 2)
        guard let records, let last = records.last else { throw Self.responseNotFound(id) }
        let before = try History(records: records.dropLast()).items()
        let turn = try TurnRecord(decoding: last)
        let cut = try page.page(of: before + turn.input, id: \.id)
        return ItemPage(items: Array(cut.elements), hasMore: cut.hasMore)
    }

    static func responseNotFound(_ id: String) -> GatewayError {
        GatewayError(.notFound, "Response with id '\(id.prefix(128))' not found.", code: "response_not_found")
    }
}
