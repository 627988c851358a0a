import PatchbayModel

/// What a provider is given of a conversation: its items in their order, from the latest compaction on.
struct Prompt: Sendable {
    /// Each one JSON object without an id.
    private(set) var items: [ArraySlice<UInt8>]
    /// The first item is a summary of what was before.
    private(set) var hasSummary: Bool

    init(summary: String?, items: [ArraySlice<UInt8>]) {
        self.items = (summary.map { [CompactionItem.message(summary: $0)[...]] } ?? []) + items
        hasSummary = summary != nil
    }

    /// The items from one on, behind a summary of all.
    func compacted(_ summary: String, keepingFrom index: Int) -> Prompt {
        Prompt(summary: summary, items: Array(items[index...]))
    }
}

extension Gateway {
    /// The prompt of a request. Throws `.invalidRequest` with the item's path for a compaction item that this
    /// deployment didn't make for this owner.
    func prompt(of request: Request, history: History, owner: String) async throws(GatewayError) -> Prompt {
        var summary: String?
        var new: [ArraySlice<UInt8>] = []
        for (index, item) in request.input.enumerated() {
            if let sealed = CompactionItem.sealed(in: item) {
                summary = try await vault.open(sealed, owner: owner, param: "input[\(index)].encrypted_content")
                new.removeAll()
            } else if item.kind != .other(type: "compaction_trigger") {
                new.append(item.body[...])
            }
        }
        if summary != nil { return Prompt(summary: summary, items: new) }
        let before = try history.sinceCompaction()
        if let sealed = before.sealed {
            summary = try await vault.open(sealed, owner: owner, param: "previous_response_id")
        }
        return Prompt(summary: summary, items: before.items + new)
    }
}
