import PatchbayModel

extension TurnRecord {
    /// Ends a turn that nobody makes any more: what was open of its answer is closed, in the items and in the stream.
    mutating func end(as status: Response.Status, _ error: GatewayError?) {
        var items = response.output.map(OutputItem.init(reading:))
        for index in items.indices where items[index].closeUnfinished() { response.output[index] = items[index].item }
        response.status = status
        response.error = error
        holder = nil
        // One without a byte was longer than what is kept of a stream.
        guard let shape, !shape.bytes.isEmpty else { return }
        for event in shape.closing(items) + response.lastEvents { self.shape?.append(event) }
    }

    /// How often the making of a response begins at most.
    static let maxAttempts = 3

    /// The turn as it was when it was queued, to be made anew by this server.
    func begunAnew(by holder: String) -> TurnRecord {
        var turn = self
        turn.response = response.begun
        turn.holder = holder
        turn.attempt += 1
        turn.shape = StreamShape(limit: .max)
        turn.shape?.append(.created(turn.response))
        turn.shape?.append(.queued(turn.response))
        return turn
    }
}

extension OutputItem {
    /// Whether it was in progress; it is incomplete now.
    fileprivate mutating func closeUnfinished() -> Bool {
        switch self {
        case .message(var message) where message.status == .inProgress:
            message.status = .incomplete
            self = .message(message)
        case .functionCall(var call) where call.status == .inProgress:
            call.status = .incomplete
            self = .functionCall(call)
        case .reasoning(var reasoning) where reasoning.status == .inProgress:
            reasoning.status = .incomplete
            self = .reasoning(reasoning)
        default: return false
        }
        return true
    }
}

extension StreamShape {
    /// The events that close the items and parts that are open at the shape's end. None where it is damaged: who reads
    /// the stream finds that out.
    fileprivate func closing(_ items: [OutputItem]) -> [ResponseEvent] {
        var reader = Reader()
        var added = 0
        var done: Set<Int> = []
        // The open part of an item, and whether it is one of a summary.
        var parts: [Int: (part: Int, isSummary: Bool)] = [:]
        var argumentsDone: Set<Int> = []
        while reader.position < bytes.count {
            guard let step = reader.step(bytes) else { return [] }
            var numbers: [Int] = []
            for _ in 0..<step.numbers {
                guard let number = reader.number(bytes) else { return [] }
                numbers.append(number)
            }
            switch step {
            case .itemAdded, .wholeItemAdded: added += 1
            case .itemDone: done.insert(numbers[0])
            case .partAdded, .summaryPartAdded: parts[numbers[0]] = (numbers[1], step == .summaryPartAdded)
            case .partDone, .summaryPartDone: parts[numbers[0]] = nil
            case .argumentsDone: argumentsDone.insert(numbers[0])
            default: break
            }
        }
        var events: [ResponseEvent] = []
        for index in 0..<min(added, items.count) where !done.contains(index) {
            let reference = ItemReference(index: index, id: items[index].id)
            if let open = parts[index] {
                events.append(
                    open.isSummary
                        ? .summaryPartDone(reference, part: open.part, "")
                        : .partDone(reference, part: open.part, .text("", annotations: [], logprobs: [])))
            }
            if case .functionCall(let call) = items[index], !argumentsDone.contains(index) {
                events.append(.argumentsDone(reference, name: call.name, arguments: call.arguments))
            }
            events.append(.itemDone(index: index, items[index]))
        }
        return events
    }
}

extension StreamShape.Step {
    /// How many numbers follow it.
    fileprivate var numbers: Int {
        switch self {
        case .created, .queued, .inProgress, .itemAdded, .wholeItemAdded, .error, .terminal: 0
        case .itemDone, .more, .argumentsDone: 1
        case .partAdded, .partDone, .annotation, .summaryPartAdded, .summaryPartDone: 2
        case .summaryDelta, .argumentsDelta: 3
        case .delta: 4
        case .compacting: 1
        }
    }
}
