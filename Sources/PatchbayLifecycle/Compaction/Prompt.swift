import PatchbayJSON
import PatchbayModel

/// What a provider is given of a conversation: its items in their order, from the latest compaction on.
struct Prompt: Sendable {
    /// Each one JSON object without an id.
    private(set) var items: [ArraySlice<UInt8>]
    /// For each item, whose reasoning it is; nil for an item that any provider may be given.
    private var origins: [String?]
    /// The first item is a summary of what was before.
    private(set) var hasSummary: Bool
    /// What the provider is told in the place of the request's `instructions`; nil: those.
    private(set) var instructions: String?

    /// `origins`: of the first of `items`, as many as there are.
    init(summary: String?, items: [ArraySlice<UInt8>], origins: [String?] = []) {
        self.items = (summary.map { [CompactionItem.message(summary: $0)[...]] } ?? []) + items
        self.origins = (summary.map { _ in [nil] } ?? []) + origins
        self.origins += Array(repeating: nil, count: self.items.count - self.origins.count)
        hasSummary = summary != nil
    }

    /// The items from one on, behind a summary of all.
    func compacted(_ summary: String, keepingFrom index: Int) -> Prompt {
        var prompt = Prompt(summary: summary, items: Array(items[index...]), origins: Array(origins[index...]))
        prompt.instructions = instructions
        return prompt
    }

    /// Other items in the place of these. Reasoning that only one provider can read stays that one's.
    func replacing(items: [ArraySlice<UInt8>], instructions: String?) -> Prompt {
        var owners: [String: String] = [:]
        for (item, origin) in zip(self.items, origins) {
            if let origin, let content = ForeignReasoning.content(item) { owners[content] = origin }
        }
        var prompt = self
        prompt.items = items
        prompt.origins = items.map { item in
            owners.isEmpty ? nil : ForeignReasoning.content(item).flatMap { owners[$0] }
        }
        prompt.hasSummary = hasSummary && items.first == self.items.first
        prompt.instructions = instructions
        return prompt
    }

    /// The items and after them those that a provider has made in this turn, and what came of its calls.
    func continued(by more: ArraySlice<Item>, of provider: String?) -> Prompt {
        var prompt = self
        for item in more {
            prompt.items.append(item.body[...])
            prompt.origins.append(ForeignReasoning.isEncrypted(item.body[...]) ? provider : nil)
        }
        return prompt
    }

    /// Some of the items, in their order.
    func keeping(_ indices: [Int]) -> Prompt {
        var prompt = self
        prompt.items = indices.map { items[$0] }
        prompt.origins = indices.map { origins[$0] }
        prompt.hasSummary = hasSummary && indices.first == 0
        return prompt
    }

    /// How many items hold reasoning that only another provider than this one can read.
    func foreignReasoning(to provider: String) -> Int {
        origins.count { $0 != nil && $0 != provider }
    }

    /// Writes the items as elements of the array that the writer is in, without what only another provider can read.
    func write(to json: inout JSONWriter, for provider: String) {
        for (item, origin) in zip(items, origins) {
            if let origin, origin != provider {
                if let rest = ForeignReasoning.readable(item) { json.raw(rest) }
            } else {
                json.raw(item)
            }
        }
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
        return Prompt(summary: summary, items: before.items + new, origins: before.origins)
    }
}
