import PatchbayModel

/// The conversations of a store: what is done with one as a whole. Items and turns are in the extensions.
///
/// Everything that is added comes after the conversation's head, in one write with the conversation's own record, whose
/// version guards it: of two writers one is first, and the other reads again and comes after it. In one process they
/// take turns by a lock, so that only another replica is ever in the way.
final class Conversations: Sendable {
    let store: any HistoryStore
    let policy: GatewayPolicy
    let clock: any Clock
    let locks = ConversationLocks()

    /// How often something is tried while other replicas are faster.
    static let attempts = 32

    init(store: any HistoryStore, policy: GatewayPolicy, clock: any Clock) {
        self.store = store
        self.policy = policy
        self.clock = clock
    }

    /// Begins a conversation with these items.
    func create(_ items: [Item], metadata: [UInt8], owner: String) async throws(GatewayError) -> Conversation {
        try Self.checkIDs(of: items, known: [])
        try Gateway.checkCalls(of: items, at: "items", history: .none)
        let id = Identifier.conversation()
        let entry = entry(items, parent: id, root: id)
        guard entry.byteCount <= policy.maxChainBytes else { throw tooLong(param: "items") }
        let state = ConversationState(id: id, metadata: metadata, head: entry)
        try await store.write(
            [.put(state.record, if: .absent), .put(entry, if: .absent)], owner: owner, durable: policy.durable)
        return state.conversation
    }

    /// Throws `.notFound` for one that isn't there or is somebody else's.
    func conversation(_ id: String, owner: String) async throws(GatewayError) -> Conversation {
        try await read(id, owner: owner) { state throws(GatewayError) in
            try await self.store.get(state.head, owner: owner) == nil ? nil : state.conversation
        }
    }

    /// Puts other metadata in the place of the old.
    func update(_ id: String, metadata: [UInt8], owner: String) async throws(GatewayError) -> Conversation {
        try await change(id, owner: owner) { state throws(GatewayError) -> Change<Conversation>? in
            guard try await self.store.get(state.head, owner: owner) != nil else { return nil }
            var next = state
            next.metadata = metadata
            return Change([.put(next.record, if: .version(state.version))], next.conversation)
        }
    }

    /// From now on it is not found. Responses that belonged to it stay, and can be continued.
    func delete(_ id: String, owner: String) async throws(GatewayError) {
        try await change(id, owner: owner) { state throws(GatewayError) -> Change<Void>? in
            Change([.remove(state.id), .remove(state.head)], ())
        }
    }

    // MARK: how one is read and written

    /// What is to be written, and what is answered once it is.
    struct Change<Value: Sendable>: Sendable {
        var writes: [StoreWrite]
        var value: Value

        init(_ writes: [StoreWrite], _ value: Value) {
            self.writes = writes
            self.value = value
        }
    }

    /// Reads something that hangs on the conversation's head. `body` answers nil if it isn't there: then another turn
    /// was faster, and it is done again, in line with those that write; or the head has been evicted, and the
    /// conversation with it.
    func read<Value: Sendable>(
        _ id: String, owner: String, _ body: (ConversationState) async throws(GatewayError) -> Value?
    ) async throws(GatewayError) -> Value {
        let state = try await state(id, owner: owner)
        if let value = try await body(state) { return value }
        return try await locks.withLock(ConversationLocks.Key(owner: owner, id: id)) { () throws(GatewayError) in
            try await self.retry(id, owner: owner, body)
        }
    }

    /// Writes what `make` makes of the conversation as it is; again from the start if another replica was faster. Nil
    /// from `make`: what it read has gone meanwhile.
    func change<Value: Sendable>(
        _ id: String, owner: String, _ make: (ConversationState) async throws(GatewayError) -> Change<Value>?
    ) async throws(GatewayError) -> Value {
        // Who doesn't have it can't hold up who does.
        guard Identifier.isConversation(id) else { throw Self.notFound(id) }
        return try await locks.withLock(ConversationLocks.Key(owner: owner, id: id)) { () throws(GatewayError) in
            try await self.retry(id, owner: owner) { state throws(GatewayError) in
                guard let change = try await make(state), try await self.write(change.writes, owner: owner) else {
                    return nil
                }
                return change.value
            }
        }
    }

    /// False: what this builds on is no longer so.
    func write(_ writes: [StoreWrite], owner: String) async throws(GatewayError) -> Bool {
        do throws(GatewayError) {
            try await store.write(writes, owner: owner, durable: policy.durable)
            return true
        } catch  where error.kind == .conflict || error.kind == .notFound {
            return false
        }
    }

    private func retry<Value>(
        _ id: String, owner: String, _ body: (ConversationState) async throws(GatewayError) -> Value?
    ) async throws(GatewayError) -> Value {
        var last: UInt64?
        var idle = 0
        for _ in 0..<Self.attempts {
            let state = try await state(id, owner: owner)
            idle = state.version == last ? idle + 1 : 0
            // Nobody else was faster, and that twice: it is the head that isn't there.
            guard idle < 2 else { throw Self.notFound(id) }
            if let value = try await body(state) { return value }
            last = state.version
        }
        throw GatewayError(
            .conflict, "The conversation '\(id)' is being changed by many at once. Try again.",
            code: "conversation_busy", retryAfter: 1)
    }

    private func state(_ id: String, owner: String) async throws(GatewayError) -> ConversationState {
        guard Identifier.isConversation(id), let record = try await store.get(id, owner: owner),
            record.kind == .conversation
        else { throw Self.notFound(id) }
        return try ConversationState(record)
    }

    /// All of a conversation's records; nil if its head isn't there any more.
    func history(_ state: ConversationState, owner: String) async throws(GatewayError) -> History? {
        // Its own record counts as well.
        let records = try await store.loadChain(
            state.head, owner: owner, maxDepth: state.depth, maxBytes: state.bytes + 1 << 20)
        return records.map(History.init(records:))
    }

    /// A record of these items.
    func entry(_ items: [Item], parent: String, root: String) -> StoredRecord {
        var lines = TurnLineWriter(capacity: items.reduce(64) { $0 + $1.body.count + 64 })
        for item in items { lines.append(.input, item) }
        return entry(lines, parent: parent, root: root)
    }

    func entry(_ lines: TurnLineWriter, parent: String, root: String) -> StoredRecord {
        let now = clock.milliseconds
        return StoredRecord(
            id: Identifier.entry(), kind: .entry, parent: parent, root: root, created: now,
            expires: policy.timeToLive.map { now + $0 }, value: lines.bytes, blobs: lines.blobs)
    }

    static func notFound(_ id: String) -> GatewayError {
        GatewayError(
            .notFound, "Conversation with id '\(id.prefix(128))' not found.", code: "conversation_not_found")
    }

    func tooLong(param: String) -> GatewayError {
        .invalid(
            "The conversation is longer than this server keeps: at most \(policy.maxChainBytes) bytes (storage.limits). Delete items of it, or begin a new one.",
            param: param, code: "conversation_too_long")
    }
}
