/// What happens while an answer is made, in order. For every item and part: added, then deltas, then done; items are
/// closed in order; the last event is one of `completed`, `incomplete`, `failed`, and there is exactly one of these.
package enum ResponseEvent: Sendable {
    // What is large stands behind a pointer, so that the deltas, which are nearly all events, are small.
    indirect case created(Response)
    /// Of a response of the background.
    indirect case queued(Response)
    indirect case inProgress(Response)
    indirect case itemAdded(index: Int, OutputItem)
    indirect case partAdded(ItemReference, part: Int, ContentPart)
    /// `logprobs`: JSON arrays' elements for this text, mostly none.
    case textDelta(ItemReference, part: Int, String, logprobs: [[UInt8]])
    case refusalDelta(ItemReference, part: Int, String)
    indirect case annotationAdded(ItemReference, part: Int, index: Int, [UInt8])
    indirect case partDone(ItemReference, part: Int, ContentPart)
    case argumentsDelta(ItemReference, String)
    indirect case argumentsDone(ItemReference, name: String, arguments: String)
    case reasoningDelta(ItemReference, part: Int, String)
    case summaryPartAdded(ItemReference, part: Int)
    case summaryDelta(ItemReference, part: Int, String)
    case summaryPartDone(ItemReference, part: Int, String)
    /// The conversation is being summarised; the item is the one that takes its place.
    case compacting(ItemReference)
    indirect case itemDone(index: Int, OutputItem)
    /// Something failed after the first event; `failed` follows.
    indirect case error(GatewayError)
    indirect case completed(Response)
    indirect case incomplete(Response)
    indirect case failed(Response)

    /// Whether nothing may follow.
    package var isTerminal: Bool {
        switch self {
        case .completed, .incomplete, .failed: true
        default: false
        }
    }
}

/// Where an event belongs: the item's place in the output and its id.
package struct ItemReference: Sendable, Hashable {
    package var index: Int
    package var id: String

    package init(index: Int, id: String) {
        self.index = index
        self.id = id
    }
}
