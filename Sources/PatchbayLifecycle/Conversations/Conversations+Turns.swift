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

    /// Keeps the response of a turn that can be continued, and adds the turn's items to the conversation, after whatever
    /// has come since the turn began: parent and root of `response` are set here.
    ///
    /// - Parameters:
    ///   - version: of the record that there is of the response while it is made, without a parent; nil: there is none.
    ///   - others: written together with it; what they remove may be gone already.
    ///
    /// Throws, with nothing written: `.notFound` if the conversation was deleted meanwhile, `.invalidRequest` if it has
    /// become too long, and `.conflict` with the code `response_changed` if the response isn't what it was.
    func commit(
        _ response: StoredRecord, over version: UInt64? = nil, to id: String, owner: String,
        with others: [StoreWrite] = []
    ) async throws(GatewayError) {
        var (version, others, isFirst) = (version, others, true)
        do throws(GatewayError) {
            try await change(id, owner: owner) { state throws(GatewayError) -> Change<Void>? in
                if !isFirst {
                    version = try await self.current(version, of: response.id, owner: owner)
                    others = try await self.withoutGone(others, owner: owner)
                }
                isFirst = false
                guard let state = try await self.shortened(state, owner: owner) else { return nil }
                return Change(try self.writes(adding: response, over: version, to: state) + others, ())
            }
        } catch  where error.code == "conversation_not_found" {
            throw Self.turnNotFound(id)
        }
    }

    private func writes(adding response: StoredRecord, over version: UInt64?, to state: ConversationState)
        throws(GatewayError) -> [StoreWrite]
    {
        var record = response
        record.parent = state.head
        record.root = state.id
        // A turn was let begin within the bound; what it and others beside it brought may go beyond it.
        guard state.bytes + record.byteCount <= 2 * policy.maxChainBytes else { throw tooLong(param: "conversation") }
        // The head is never a response: those are the client's to delete.
        let head = entry([], parent: record.id, root: state.id)
        var writes = state.writes(appending: [record, head])
        guard let version else { return writes }
        // A record's place in a chain can't be changed: it is taken away and put anew, if it is what it was.
        let old = StoredRecord(
            id: record.id, kind: record.kind, parent: nil, root: record.id, created: record.created,
            expires: record.expires, value: [])
        writes.insert(contentsOf: [.put(old, if: .version(version)), .remove(old.id)], at: 1)
        return writes
    }

    /// The version again; nil if the record has gone. Throws if it has another one.
    private func current(_ version: UInt64?, of id: String, owner: String) async throws(GatewayError) -> UInt64? {
        guard let version, let record = try await store.get(id, owner: owner) else { return nil }
        guard record.version == version else {
            throw GatewayError(.conflict, "The response '\(id)' has been ended meanwhile.", code: "response_changed")
        }
        return version
    }

    private func withoutGone(_ writes: [StoreWrite], owner: String) async throws(GatewayError) -> [StoreWrite] {
        var left: [StoreWrite] = []
        for write in writes {
            if case .remove(let id) = write, try await store.get(id, owner: owner) == nil { continue }
            left.append(write)
        }
        return left
    }

    private static func turnNotFound(_ id: String) -> GatewayError {
        var error = notFound(id)
        error.param = "conversation"
        return error
    }
}
