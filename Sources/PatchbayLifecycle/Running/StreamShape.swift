import PatchbayModel

/// The order and the cuts of a stream's events, without their contents: together with the answer's items it is the
/// whole stream again, to the byte. Two or three bytes a delta.
///
/// A row of steps, each a tag and its numbers (LEB128). A delta that goes on where the last one was has its length
/// alone.
struct StreamShape: Sendable, Hashable {
    enum Step: UInt8 {
        case created = 1, queued, inProgress
        /// An item that is built up; one that came whole; the end of either.
        case itemAdded, wholeItemAdded, itemDone
        case partAdded, partDone
        /// Of a text, a refusal or reasoning: item, part, length, logprobs.
        case delta
        /// Item, part, length.
        case summaryDelta
        /// Item, 0, length.
        case argumentsDelta
        /// As the last delta of the three, without logprobs: length.
        case more
        case annotation
        case argumentsDone
        case summaryPartAdded, summaryPartDone
        case compacting
        case error
        case terminal
    }

    /// Where a delta belongs.
    struct Target: Hashable {
        var step: Step
        var item: Int
        var part: Int
    }

    private(set) var bytes: [UInt8] = []
    private var target: Target?
    private let limit: Int

    /// An empty shape that takes at most `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// One that was stored. Its end may still be added.
    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        limit = .max
    }

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Whether the stream became longer than the limit: the shape was let go, and the stream can't be taken up again.
    private(set) var isLost = false

    mutating func append(_ event: ResponseEvent) {
        guard !isLost else { return }
        guard bytes.count < limit else {
            bytes = []
            isLost = true
            return
        }
        switch event {
        case .created: tag(.created)
        case .queued: tag(.queued)
        case .inProgress: tag(.inProgress)
        case .itemAdded(_, .opaque): tag(.wholeItemAdded)
        case .itemAdded: tag(.itemAdded)
        case .itemDone(let index, _): tag(.itemDone, index)
        case .partAdded(let item, let part, _): tag(.partAdded, item.index, part)
        case .partDone(let item, let part, _): tag(.partDone, item.index, part)
        case .textDelta(let item, let part, let text, let logprobs):
            delta(.delta, item.index, part, text, logprobs: logprobs.count)
        case .refusalDelta(let item, let part, let text), .reasoningDelta(let item, let part, let text):
            delta(.delta, item.index, part, text)
        case .summaryDelta(let item, let part, let text): delta(.summaryDelta, item.index, part, text)
        case .argumentsDelta(let item, let text): delta(.argumentsDelta, item.index, 0, text)
        case .annotationAdded(let item, let part, _, _): tag(.annotation, item.index, part)
        case .argumentsDone(let item, _, _): tag(.argumentsDone, item.index)
        case .summaryPartAdded(let item, let part): tag(.summaryPartAdded, item.index, part)
        case .summaryPartDone(let item, let part, _): tag(.summaryPartDone, item.index, part)
        case .compacting(let item): tag(.compacting, item.index)
        case .error: tag(.error)
        case .completed, .incomplete, .failed: tag(.terminal)
        }
    }

    private mutating func tag(_ step: Step, _ numbers: Int...) {
        bytes.append(step.rawValue)
        for number in numbers { append(number) }
    }

    private mutating func delta(_ step: Step, _ item: Int, _ part: Int, _ text: String, logprobs: Int = 0) {
        let target = Target(step: step, item: item, part: part)
        if logprobs == 0, self.target == target {
            bytes.append(Step.more.rawValue)
            append(text.utf8.count)
            return
        }
        self.target = target
        bytes.append(step.rawValue)
        append(item)
        append(part)
        append(text.utf8.count)
        if step == .delta { append(logprobs) }
    }

    private mutating func append(_ number: Int) {
        var rest = UInt64(number)
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension StreamShape {
    /// Reads the numbers of a shape, which may be damaged.
    struct Reader {
        /// The next byte's place.
        private(set) var position = 0

        mutating func step(_ bytes: [UInt8]) -> Step? {
            guard position < bytes.count, let step = Step(rawValue: bytes[position]) else { return nil }
            position += 1
            return step
        }

        mutating func number(_ bytes: [UInt8]) -> Int? {
            var number: UInt64 = 0
            var shift: UInt64 = 0
            while position < bytes.count, shift < 35 {
                let byte = bytes[position]
                position += 1
                number |= UInt64(byte & 127) << shift
                if byte < 128 { return Int(number) }
                shift += 7
            }
            return nil
        }
    }
}
