/// One entry of a conversation: a message, a function call, its output, reasoning, or anything newer.
///
/// An item keeps the bytes it came with, so that what this version doesn't interpret is given back unchanged. Only
/// what the lifecycle decides by is taken out of them: the kind, the id and the call id.
package struct Item: Sendable, Hashable {
    /// What the lifecycle needs to know of an item's `type`.
    package enum Kind: Sendable, Hashable {
        case message(role: String)
        case functionCall
        case functionCallOutput
        case reasoning
        /// Any other type, carried as it is.
        case other(type: String)
    }

    package var kind: Kind
    /// The id by which clients know the item. Minted by the host for what it stores; never sent to an upstream.
    package var id: String?
    /// Joins a function call and its output (and the like of other item types).
    package var callID: String?
    /// The item as one JSON object without its `id`. Never empty braces: a `type` or a `role` is always there.
    package var body: [UInt8]

    package init(kind: Kind, id: String?, callID: String? = nil, body: [UInt8]) {
        self.kind = kind
        self.id = id
        self.callID = callID
        self.body = body
    }

    /// The value of the item's `type`.
    package var type: String {
        switch kind {
        case .message: "message"
        case .functionCall: "function_call"
        case .functionCallOutput: "function_call_output"
        case .reasoning: "reasoning"
        case .other(let type): type
        }
    }
}
