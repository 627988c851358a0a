import PatchbayModel

/// What a connection remembers of its newest turn that isn't stored, so that the connection's next turn can continue
/// it. Nobody else sees it, and it goes with the connection. Confined to the connection's strand.
package final class SessionMemory: @unchecked Sendable {
    private let budget: SessionBudget
    /// The newest turn and those before it, from the first on. As long as a chain that can be continued, and one turn.
    private var chain: [StoredRecord] = []
    /// Bytes of the chain: what has been taken from the budget.
    private var bytes = 0
    /// What the turn that runs continues; nil: the chain.
    private var continued: [StoredRecord]? = []

    package init(budget: SessionBudget) {
        self.budget = budget
    }

    deinit {
        budget.give(bytes)
    }

    /// Forgets the turn of this id, if that is the one that is remembered: a turn that was to continue it has failed.
    package func forget(_ id: String?) {
        if let id, chain.last?.id == id { clear() }
    }

    /// The turns that a turn continues; nil if `id` isn't what is remembered. Throws `.tooLarge` past the policy's
    /// limits of a chain.
    func turns(to id: String, policy: GatewayPolicy) throws(GatewayError) -> [StoredRecord]? {
        guard chain.last?.id == id else { return nil }
        guard chain.count <= policy.maxChainDepth, bytes <= policy.maxChainBytes else {
            throw GatewayError(.tooLarge, "The chain is too long.")
        }
        continued = nil
        return chain
    }

    /// A turn begins that continues these, which come from elsewhere.
    func begin(after records: [StoredRecord]) {
        continued = records
    }

    /// Remembers the turn that has ended, in place of what was remembered; nothing, if the budget is used up.
    func keep(_ record: StoredRecord) {
        if let continued {
            clear()
            let size = continued.reduce(0) { $0 + $1.size }
            guard budget.take(size) else { return }
            chain = continued
            bytes = size
        }
        continued = []
        guard budget.take(record.size) else { return clear() }
        chain.append(record)
        bytes += record.size
    }

    private func clear() {
        budget.give(bytes)
        bytes = 0
        chain = []
    }
}

extension StoredRecord {
    /// Bytes.
    fileprivate var size: Int {
        value.count + blobs.reduce(0) { $0 + $1.data.count }
    }
}
