import PatchbayModel

/// Turns that belong to a conversation.
extension Conversations {
    /// All of a conversation, from its own record to its head.
    func history(_ id: String, owner: String) async throws(GatewayError) -> History {
        try await read(id, owner: owner) { state throws(GatewayError) in
            try await self.history(state, owner: owner)
        }
    }

    /// What comes before a turn. Throws `.notFound`, and `.invalidRequest` for what the turn may not add.
    func history(before request: Request, in id: String, owner: String) async throws(GatewayError) -> History {
        do throws(GatewayError) {
            let (history, bytes) = try await read(id, owner: owner) {
                state throws(GatewayError) -> (History, Int)? in
                guard let history = try await self.history(state, owner: owner) else { return nil }
                return (history, state.bytes)
            }
            let new = request.input.reduce(0) { $0 + $1.body.count }
            guard bytes + new <= policy.maxChainBytes else { throw tooLong(param: "conversation") }
            try Self.checkIDs(of: request.input, at: "input", known: history.ids())
            return history
        } catch  where error.code == "conversation_not_found" {
            throw Self.turnNotFound(id)
        }
    }

    /// Keeps the response of a turn, and adds the turn's items to the conversation, after whatever has come since it
    /// began: parent and root of `response` are set here.
    ///
    /// `adds` false: the turn failed. Its response is kept, and nothing is added. `others` are written together with
    /// it. Throws `.notFound` if the conversation was deleted meanwhile, but for a failed turn, whose response is then
    /// kept for itself.
    func commit(
        _ response: StoredRecord, adds: Bool, to id: String, owner: String, with others: [StoreWrite] = []
    ) async throws(GatewayError) {
        do throws(GatewayError) {
            try await change(id, owner: owner) { state throws(GatewayError) -> Change<Void>? in
                guard let state = try await self.shortened(state, owner: owner) else { return nil }
                var response = response
                response.parent = state.head
                response.root = state.id
                guard adds else { return Change([.put(response, if: .absent)] + others, ()) }
                // A turn was let begin within the bound; what it and others beside it brought may go beyond it.
                guard state.bytes + response.byteCount <= 2 * self.policy.maxChainBytes else {
                    throw self.tooLong(param: "conversation")
                }
                // The head is never a response: those are the client's to delete.
                let head = self.entry([], parent: response.id, root: state.id)
                return Change(state.writes(appending: [response, head]) + others, ())
            }
        } catch  where error.code == "conversation_not_found" {
            guard !adds else { throw Self.turnNotFound(id) }
            var response = response
            response.parent = nil
            response.root = response.id
            try await store.write([.put(response, if: .absent)] + others, owner: owner, durable: policy.durable)
        }
    }

    private static func turnNotFound(_ id: String) -> GatewayError {
        var error = notFound(id)
        error.param = "conversation"
        return error
    }
}
