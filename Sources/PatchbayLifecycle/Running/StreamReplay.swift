import PatchbayModel

/// Makes a stream's events again, out of its shape and the answer as far as it got; it goes on where it stopped once
/// there is more.
struct StreamReplay {
    /// What a stream is made of.
    protocol Source {
        var shape: StreamShape { get }
        /// The item as it is by now, with all of its text; `isWhole`: as one that came whole.
        func item(_ index: Int, isWhole: Bool) -> OutputItem?
        /// The response at the stream's begin, and at its end.
        var begun: Response { get }
        var ended: Response? { get }
    }

    private struct Place {
        var text = 0
        var logprobs = 0
        var annotations = 0
    }

    private var reader = StreamShape.Reader()
    private var target: StreamShape.Target?
    private var items = 0
    /// The items that came whole.
    private var whole: Set<Int> = []
    private var places: [StreamShape.Target: Place] = [:]
    /// The terminal event was given.
    private(set) var isOver = false

    /// Whether it has given events that aren't in this stream: the response was begun anew meanwhile.
    func isAhead(of source: some Source) -> Bool { reader.position > source.shape.bytes.count }

    /// Whether it has given all events that are in this stream.
    func hasAll(of source: some Source) -> Bool { reader.position == source.shape.bytes.count }

    /// The next event; nil where there is none yet. Throws `.storage` for a shape that doesn't fit its answer.
    mutating func next(_ source: some Source) throws(GatewayError) -> ResponseEvent? {
        let bytes = source.shape.bytes
        guard !isOver, reader.position < bytes.count else { return nil }
        guard let step = reader.step(bytes) else { throw Self.damaged }
        switch step {
        case .created: return .created(source.begun)
        case .queued: return .queued(source.begun)
        case .inProgress:
            var response = source.begun
            response.status = .inProgress
            return .inProgress(response)
        case .itemAdded, .wholeItemAdded:
            if step == .wholeItemAdded { whole.insert(items) }
            items += 1
            return .itemAdded(index: items - 1, try item(items - 1, source).fresh)
        case .compacting:
            let index = try number(bytes)
            return .compacting(ItemReference(index: index, id: try item(index, source).id))
        case .itemDone:
            let index = try number(bytes)
            return .itemDone(index: index, try item(index, source))
        case .delta, .summaryDelta, .argumentsDelta:
            let target = StreamShape.Target(step: step, item: try number(bytes), part: try number(bytes))
            self.target = target
            let length = try number(bytes)
            return try delta(target, length: length, logprobs: step == .delta ? try number(bytes) : 0, source)
        case .more:
            guard let target else { throw Self.damaged }
            return try delta(target, length: try number(bytes), logprobs: 0, source)
        case .error:
            guard let error = source.ended?.error else { throw Self.damaged }
            return .error(error)
        case .terminal:
            guard let ended = source.ended else { throw Self.damaged }
            isOver = true
            return ended.terminalEvent
        case .partAdded, .partDone, .annotation, .argumentsDone, .summaryPartAdded, .summaryPartDone:
            return try boundary(step, bytes, source)
        }
    }

    private mutating func boundary(_ step: StreamShape.Step, _ bytes: [UInt8], _ source: some Source)
        throws(GatewayError) -> ResponseEvent
    {
        let index = try number(bytes)
        let item = try item(index, source)
        let reference = ItemReference(index: index, id: item.id)
        if step == .argumentsDone {
            guard case .functionCall(let call) = item else { throw Self.damaged }
            return .argumentsDone(reference, name: call.name, arguments: call.arguments)
        }
        let part = try number(bytes)
        switch step {
        case .summaryPartAdded: return .summaryPartAdded(reference, part: part)
        case .summaryPartDone:
            guard case .reasoning(let reasoning) = item, reasoning.summary.indices.contains(part) else {
                throw Self.damaged
            }
            return .summaryPartDone(reference, part: part, reasoning.summary[part])
        default: break
        }
        guard let content = item.part(part) else { throw Self.damaged }
        switch step {
        case .partAdded: return .partAdded(reference, part: part, content.fresh)
        case .partDone: return .partDone(reference, part: part, content)
        default:
            guard case .text(_, let annotations, _) = content else { throw Self.damaged }
            let target = StreamShape.Target(step: .delta, item: index, part: part)
            let place = places[target, default: Place()].annotations
            guard annotations.indices.contains(place) else { throw Self.damaged }
            places[target, default: Place()].annotations += 1
            return .annotationAdded(reference, part: part, index: place, annotations[place])
        }
    }

    private mutating func delta(
        _ target: StreamShape.Target, length: Int, logprobs count: Int, _ source: some Source
    ) throws(GatewayError) -> ResponseEvent {
        let item = try item(target.item, source)
        let reference = ItemReference(index: target.item, id: item.id)
        let start = places[target, default: Place()].text
        places[target, default: Place()].text += length
        switch (target.step, item) {
        case (.argumentsDelta, .functionCall(let call)):
            return .argumentsDelta(reference, try slice(call.arguments, start, length))
        case (.summaryDelta, .reasoning(let reasoning)) where reasoning.summary.indices.contains(target.part):
            return .summaryDelta(
                reference, part: target.part, try slice(reasoning.summary[target.part], start, length))
        case (.delta, _):
            switch item.part(target.part) {
            case .text(let text, _, let logprobs):
                let first = places[target, default: Place()].logprobs
                places[target, default: Place()].logprobs += count
                guard first + count <= logprobs.count else { throw Self.damaged }
                return .textDelta(
                    reference, part: target.part, try slice(text, start, length),
                    logprobs: Array(logprobs[first..<(first + count)]))
            case .refusal(let text):
                return .refusalDelta(reference, part: target.part, try slice(text, start, length))
            case .reasoning(let text):
                return .reasoningDelta(reference, part: target.part, try slice(text, start, length))
            case nil: throw Self.damaged
            }
        default: throw Self.damaged
        }
    }

    private mutating func number(_ bytes: [UInt8]) throws(GatewayError) -> Int {
        guard let number = reader.number(bytes) else { throw Self.damaged }
        return number
    }

    private func item(_ index: Int, _ source: some Source) throws(GatewayError) -> OutputItem {
        guard let item = source.item(index, isWhole: whole.contains(index)) else { throw Self.damaged }
        return item
    }

    private func slice(_ text: String, _ start: Int, _ length: Int) throws(GatewayError) -> String {
        guard start + length <= text.utf8.count else { throw Self.damaged }
        let begin = text.utf8.index(text.utf8.startIndex, offsetBy: start)
        let end = text.utf8.index(begin, offsetBy: length)
        guard let slice = String(text.utf8[begin..<end]) else { throw Self.damaged }
        return slice
    }

    private static let damaged = TurnLines.damaged("a stream's shape that doesn't fit its answer")
}

extension OutputItem {
    /// The item as it was when it was added.
    fileprivate var fresh: OutputItem {
        switch self {
        case .message(let message): .message(Message(id: message.id))
        case .functionCall(let call): .functionCall(FunctionCall(id: call.id, callID: call.callID, name: call.name))
        case .reasoning(let reasoning): .reasoning(Reasoning(id: reasoning.id))
        case .opaque: self
        }
    }

    /// A part of the item's content.
    fileprivate func part(_ index: Int) -> ContentPart? {
        switch self {
        case .message(let message) where message.parts.indices.contains(index): message.parts[index]
        case .reasoning(let reasoning) where reasoning.content.indices.contains(index):
            .reasoning(reasoning.content[index])
        default: nil
        }
    }
}

extension ContentPart {
    /// The part as it was when it was added.
    fileprivate var fresh: ContentPart {
        switch self {
        case .text: .text("", annotations: [], logprobs: [])
        case .refusal: .refusal("")
        case .reasoning: .reasoning("")
        }
    }
}

extension Response {
    /// The event that ends a stream with this response.
    var terminalEvent: ResponseEvent {
        switch status {
        case .completed: .completed(self)
        case .incomplete: .incomplete(self)
        case .failed, .cancelled, .inProgress, .queued: .failed(self)
        }
    }

    /// The response as it was when it began.
    var begun: Response {
        var response = self
        response.status = background ? .queued : .inProgress
        response.output = []
        response.usage = nil
        response.error = nil
        response.completedAt = nil
        response.incompleteReason = nil
        return response
    }
}
