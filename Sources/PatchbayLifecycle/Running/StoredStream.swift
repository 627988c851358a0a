import PatchbayModel

/// The stream of a stored turn, ended or as far as it was stored.
struct StoredStream: StreamReplay.Source {
    let shape: StreamShape
    let begun: Response
    let ended: Response?
    private let stored: [Item]
    private let items: [OutputItem]

    /// Throws `.invalidRequest` for a stream of which no shape was kept.
    init(_ turn: TurnRecord) throws(GatewayError) {
        stored = turn.response.output
        items = stored.map(OutputItem.init(reading:))
        begun = turn.response.begun
        ended = turn.response.status.isTerminal ? turn.response : nil
        if let shape = turn.shape {
            guard !shape.bytes.isEmpty else { throw .streamNotKept }
            self.shape = shape
        } else {
            shape = StreamShape(of: turn.response, items: items)
        }
    }

    func item(_ index: Int, isWhole: Bool) -> OutputItem? {
        guard items.indices.contains(index) else { return nil }
        return isWhole ? .opaque(stored[index]) : items[index]
    }
}

extension StreamShape {
    /// The stream that an answer would have been that wasn't streamed: every text in one piece.
    init(of response: Response, items: [OutputItem]) {
        self.init(limit: .max)
        append(.created(response))
        append(.inProgress(response))
        for (index, item) in items.enumerated() { append(item, ItemReference(index: index, id: item.id)) }
        if let error = response.error { append(.error(error)) }
        append(response.terminalEvent)
    }

    private mutating func append(_ item: OutputItem, _ reference: ItemReference) {
        append(.itemAdded(index: reference.index, item))
        switch item {
        case .message(let message):
            for (part, content) in message.parts.enumerated() { append(content, reference, part: part) }
        case .functionCall(let call):
            append(.argumentsDelta(reference, call.arguments))
            append(.argumentsDone(reference, name: call.name, arguments: call.arguments))
        case .reasoning(let reasoning):
            for (part, text) in reasoning.summary.enumerated() {
                append(.summaryPartAdded(reference, part: part))
                append(.summaryDelta(reference, part: part, text))
                append(.summaryPartDone(reference, part: part, text))
            }
            for (part, text) in reasoning.content.enumerated() { append(.reasoning(text), reference, part: part) }
        case .opaque: break
        }
        append(.itemDone(index: reference.index, item))
    }

    private mutating func append(_ content: ContentPart, _ item: ItemReference, part: Int) {
        append(.partAdded(item, part: part, content))
        switch content {
        case .text(let text, let annotations, let logprobs):
            append(.textDelta(item, part: part, text, logprobs: logprobs))
            for (index, annotation) in annotations.enumerated() {
                append(.annotationAdded(item, part: part, index: index, annotation))
            }
        case .refusal(let text): append(.refusalDelta(item, part: part, text))
        case .reasoning(let text): append(.reasoningDelta(item, part: part, text))
        }
        append(.partDone(item, part: part, content))
    }
}
