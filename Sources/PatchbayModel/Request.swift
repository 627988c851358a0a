import PatchbayJSON

/// One request for an answer, in the hub's own terms, whatever format it came in.
package struct Request: Sendable, Hashable {
    /// The name that the client asked for.
    package var model: String
    /// The new items of this turn. Each has an id: the client's, or one minted when it was read.
    package var input: [Item]
    package var previousResponseID: String?
    /// The conversation that the turn belongs to; never together with a previous response.
    package var conversationID: String?
    /// Whether the client reads the answer as it is made.
    package var stream: Bool
    /// Whether the turn is kept.
    package var store: Bool
    /// Whether the answer is made without its client, who asks for it later.
    package var background: Bool
    /// Everything else: what the provider is told and what the response repeats.
    package var fields: RequestFields
    /// The function tools' names and what the caller lets the model do with them.
    package var tools: [Tool]
    /// Whether the model is asked. If not, the turn's input is kept for the turns that continue it, and that is all.
    package var generate = true
    /// Whether the turn, where it is kept, is listed among chat completions.
    package var isCompletion = false
    /// Whether the conversation is compacted before it is answered; nil: it isn't.
    package var compaction: CompactionRule?

    package init(
        model: String, input: [Item], previousResponseID: String?, conversationID: String? = nil, stream: Bool,
        store: Bool, background: Bool = false, fields: RequestFields, tools: [Tool]
    ) {
        self.model = model
        self.input = input
        self.previousResponseID = previousResponseID
        self.conversationID = conversationID
        self.stream = stream
        self.store = store
        self.background = background
        self.fields = fields
        self.tools = tools
    }
}

/// When a conversation is to be compacted.
package enum CompactionRule: Sendable, Hashable {
    /// Once the model would be given more tokens than this.
    case above(tokens: Int)
    /// Now, and nothing else: the answer is the compaction item.
    case now
}

extension CompactionRule {
    /// The rule of a request, by its field `context_management` (the lowest threshold counts) and a trigger among its
    /// items; nil: none. What isn't well-formed counts as absent.
    package init?(fields: RequestFields, input: [Item]) {
        if input.contains(where: { $0.kind == .other(type: "compaction_trigger") }) {
            self = .now
            return
        }
        guard let json = fields["context_management"], let root = (try? JSONDocument.parse(json))?.root,
            let lowest = root.elements.compactMap({ $0["compact_threshold"]?.int }).min()
        else { return nil }
        self = .above(tokens: lowest)
    }
}

/// A tool that the caller offers: its `type`, and its name where the type has one.
package struct Tool: Sendable, Hashable {
    package var type: String
    package var name: String?

    package init(type: String, name: String?) {
        self.type = type
        self.name = name
    }
}

extension Tool {
    /// The tools in a request's `tools`, which was checked when it came.
    package static func all(in fields: RequestFields) -> [Tool] {
        guard let json = fields["tools"], let root = (try? JSONDocument.parse(json))?.root else { return [] }
        return root.elements.compactMap { tool in
            tool["type"]?.string.map { Tool(type: $0, name: tool["name"]?.string) }
        }
    }
}
