import PatchbayModel

/// What the gateway checks of a conversation before it asks a provider.
extension Gateway {
    /// The turns that a request continues. Every id that can't be continued by this owner gives the same `.notFound`,
    /// but for those that the owner has and that are still running or failed.
    func history(before request: Request, owner: String, memory: SessionMemory? = nil) async throws(GatewayError)
        -> History
    {
        memory?.begin(after: [])
        if let conversation = request.conversationID {
            guard let conversations else { throw Self.noStore(for: "conversations", param: "conversation") }
            return try await conversations.history(before: request, in: conversation, owner: owner)
        }
        guard let previous = request.previousResponseID else { return .none }
        return try await history(before: request, from: previous, owner: owner, memory: memory)
    }

    /// The turns up to the response `previous`, which the request continues. Not a part of `history(before:)`, which
    /// most requests leave without having waited for anything.
    @inline(never)
    private func history(before request: Request, from previous: String, owner: String, memory: SessionMemory?)
        async throws(GatewayError) -> History
    {
        if let history = try self.history(before: request, to: previous, in: memory) { return history }
        guard let store else {
            if memory != nil { throw Self.previousNotFound(previous) }
            throw .invalid(
                "This server keeps no responses, so none can be continued: its configuration names no storage plugin (storage.plugin).",
                param: "previous_response_id", code: "storage_not_configured")
        }
        if live.find(previous, owner: owner) != nil {
            throw .invalid(
                "The response '\(previous)' is still running. Continue it once it has ended.",
                param: "previous_response_id", code: "previous_response_running")
        }
        let records = try await chain(to: previous, owner: owner, in: store)
        guard let records, !records.isEmpty else { throw Self.previousNotFound(previous) }
        let history = History(records: records)
        try checkEnd(of: history, previous)
        memory?.begin(after: records)
        return history
    }

    /// A response that has failed or has not ended can't be continued.
    @inline(never)
    private func checkEnd(of history: History, _ previous: String) throws(GatewayError) {
        switch try history.lastStatus() {
        case .completed, .incomplete, nil: break
        case .queued, .inProgress:
            throw .invalid(
                "The response '\(previous)' is still running. Continue it once it has ended.",
                param: "previous_response_id", code: "previous_response_running")
        case .cancelled:
            throw .invalid(
                "The response '\(previous)' was cancelled and can't be continued. Continue the one before it.",
                param: "previous_response_id", code: "previous_response_cancelled")
        case .failed:
            throw .invalid(
                "The response '\(previous)' failed and can't be continued. Continue the one before it.",
                param: "previous_response_id", code: "previous_response_failed")
        }
    }

    /// The turns that a stored turn continues, also such as were deleted since it was stored.
    func history(beforeStored id: String, owner: String) async throws(GatewayError) -> History {
        let records = try await store?.loadChain(
            id, owner: owner, maxDepth: policy.maxChainDepth + 1, maxBytes: policy.maxChainBytes * 2)
        guard let records else { throw Self.responseNotFound(id) }
        return History(records: records.dropLast())
    }

    static func previousNotFound(_ id: String) -> GatewayError {
        GatewayError(
            .notFound, "Previous response with id '\(id.prefix(128))' not found.", code: "previous_response_not_found",
            param: "previous_response_id")
    }

    /// The records of a chain; nil if its last isn't there for this owner, which is so for every text that is no id of
    /// ours.
    private func chain(to id: String, owner: String, in store: any HistoryStore) async throws(GatewayError)
        -> [StoredRecord]?
    {
        guard Identifier.isResponse(id) else { return nil }
        do throws(GatewayError) {
            return try await store.loadChain(
                id, owner: owner, maxDepth: policy.maxChainDepth, maxBytes: policy.maxChainBytes)
        } catch  where error.kind == .tooLarge {
            throw tooLong
        }
    }

    var tooLong: GatewayError {
        .invalid(
            "The conversation before this turn is longer than this server continues: at most \(policy.maxChainDepth) turns and "
                + "\(policy.maxChainBytes) bytes (storage.limits). Begin a new one.",
            param: "previous_response_id", code: "conversation_too_long")
    }

    /// Puts items of the history in the place of references to them.
    func resolveReferences(in request: inout Request, history: History) throws(GatewayError) {
        guard request.input.contains(where: { $0.type == "item_reference" }) else { return }
        var known: [String: Item] = [:]
        for item in try history.items() {
            if let id = item.id, known[id] == nil { known[id] = item }
        }
        // A short reference may name a long item, and many may name the same.
        var bytes = 0
        for (index, item) in request.input.enumerated() where item.type == "item_reference" {
            guard let found = item.id.flatMap({ known[$0] }) else {
                throw GatewayError(
                    .notFound, "Item with id '\((item.id ?? "").prefix(128))' not found in this conversation.",
                    code: "item_not_found", param: "input[\(index)].id")
            }
            bytes += found.body.count
            guard bytes <= policy.maxChainBytes else { throw tooLong }
            request.input[index] = found
            // What is in a conversation twice is two items.
            if request.conversationID != nil { request.input[index].id = Identifier.item(for: found.kind) }
        }
    }

    /// Each function call's output must answer a call of this conversation, since its latest compaction.
    func checkCalls(of request: Request, history: History) throws(GatewayError) {
        try Self.checkCalls(of: request.input, at: "input", history: history)
    }

    /// Each function call's output must answer a call of this conversation.
    static func checkCalls(of items: [Item], at place: String, history: History) throws(GatewayError) {
        var called: Set<String> = []
        var outputs: [(index: Int, callID: String)] = []
        var isCompacted = false
        for (index, item) in items.enumerated() {
            switch (item.kind, item.callID) {
            case (.other("compaction"), _) where CompactionItem.sealed(in: item) != nil:
                isCompacted = true
                (called, outputs) = ([], [])
            case (.functionCall, let id?): called.insert(id)
            case (.functionCallOutput, let id?) where !called.contains(id): outputs.append((index, id))
            default: break
            }
        }
        guard !outputs.isEmpty else { return }
        let asked = Set(outputs.map(\.callID))
        let missing = isCompacted ? asked : try history.missingCalls(asked)
        if let output = outputs.first(where: { missing.contains($0.callID) }) {
            throw .invalid(
                "No tool call found for function call output with call_id '\(output.callID.prefix(128))'.",
                param: "\(place)[\(output.index)].call_id", code: "tool_call_not_found")
        }
    }
}
