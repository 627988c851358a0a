import PatchbayJSON
import PatchbayModel

/// What one hook has seen of an answer's events, and what it may put in their place.
struct EventFilter {
    /// A text that goes on from event to event.
    private struct Channel: Hashable {
        var kind: UInt32
        var index: Int
    }

    /// What the hook was shown at its last visit.
    private var before: ArraySlice<ProviderEvent> = []
    /// The provider's numbers of calls that it has left out.
    private var dropped: Set<Int> = []
    /// Those of calls that have begun and not ended: as they came to the hook, and as it has left them.
    private var given: Set<Int> = []
    private var open: Set<Int> = []

    /// The hook leaves the events as they are.
    mutating func pass(_ shown: ArraySlice<ProviderEvent>) {
        before = shown
        for event in shown { note(event) }
    }

    /// An event that the hook isn't shown. Whether it is left (see `keeps`).
    mutating func passBy(_ event: ProviderEvent) -> Bool {
        note(event)
        return keeps(event)
    }

    private mutating func note(_ event: ProviderEvent) {
        switch event {
        case .toolCall(let index, _, _):
            given.insert(index)
            open.insert(index)
        case .toolCallEnd(let index):
            given.remove(index)
            open.remove(index)
        default: break
        }
    }

    /// The hook puts others in the place of those that it was shown. Throws what it may not do; then nothing of them
    /// counts, and `pass` may follow.
    mutating func replace(_ shown: ArraySlice<ProviderEvent>, by events: [ProviderEvent]) throws(HookFault) {
        var texts = Set(shown.compactMap(Self.channel))
        texts.formUnion(before.compactMap(Self.channel))
        var left = Self.counts(shown)
        var calls = Calls(shown, given: given, open: open, dropped: dropped)
        for event in events {
            if let channel = Self.channel(event) {
                guard texts.contains(channel) else {
                    throw HookFault("it gave text of kind \(channel.kind) where none was")
                }
                continue
            }
            if case .arguments(let index, _) = event {
                guard calls.goesOn(index) else { throw HookFault("it gave arguments of a call that isn't open") }
                continue
            }
            let kind = event.kindNumber
            left[kind, default: 0] -= 1
            guard left[kind, default: 0] >= 0 else { throw HookFault("it added an event of kind \(kind)") }
            switch event {
            case .toolCall(let index, _, let name):
                guard !name.isEmpty, calls.begin(index) else {
                    throw HookFault("it gave a call a number that it didn't have")
                }
            case .toolCallEnd(let index):
                guard calls.end(index) else { throw HookFault("it ended a call that didn't end") }
            default:
                guard Self.isWellFormed(event) else { throw HookFault("its event of kind \(kind) is malformed") }
            }
        }
        before = shown
        (given, open, dropped) = (calls.given, calls.open, calls.leftOut)
    }

    /// The calls of one visit, in the order of what the hook gives. A call that it leaves out isn't looked at: nothing
    /// of it is left.
    private struct Calls {
        /// After what was shown.
        private(set) var given: Set<Int>
        private(set) var open: Set<Int>
        private let dropped: Set<Int>
        private var begun: Set<Int> = []
        private var ended: Set<Int> = []
        private var kept: Set<Int> = []
        /// Those of which something came before their begin.
        private var early: Set<Int> = []
        /// Those that went wrong before the hook had them.
        private var wild: Set<Int> = []

        init(_ shown: ArraySlice<ProviderEvent>, given: Set<Int>, open: Set<Int>, dropped: Set<Int>) {
            (self.given, self.open, self.dropped) = (given, open, dropped)
            for event in shown {
                switch event {
                case .toolCall(let index, _, _):
                    begun.insert(index)
                    self.given.insert(index)
                case .arguments(let index, _):
                    if !self.given.contains(index) { wild.insert(index) }
                case .toolCallEnd(let index):
                    ended.insert(index)
                    if self.given.remove(index) == nil { wild.insert(index) }
                default: break
                }
            }
        }

        /// What is left out after the visit.
        var leftOut: Set<Int> { dropped.union(begun.subtracting(kept)).subtracting(kept) }

        mutating func begin(_ index: Int) -> Bool {
            guard begun.contains(index), !early.contains(index), kept.insert(index).inserted else { return false }
            return open.insert(index).inserted
        }

        /// Whether something of a call may come here.
        mutating func goesOn(_ index: Int) -> Bool {
            if open.contains(index) || wild.contains(index) { return true }
            guard !kept.contains(index) else { return false }
            if begun.contains(index) { early.insert(index) }
            return begun.contains(index) || dropped.contains(index)
        }

        mutating func end(_ index: Int) -> Bool {
            guard ended.remove(index) != nil, goesOn(index) else { return false }
            open.remove(index)
            return true
        }
    }

    /// Whether the hook has left out no call.
    var keepsAll: Bool { dropped.isEmpty }

    /// Whether an event is left of what the hook leaves: none is of a call that it has left out.
    func keeps(_ event: ProviderEvent) -> Bool {
        guard !dropped.isEmpty else { return true }
        switch event {
        case .arguments(let index, _), .toolCallEnd(let index): return !dropped.contains(index)
        default: return true
        }
    }

    private static func channel(_ event: ProviderEvent) -> Channel? {
        switch event {
        case .text, .refusal, .reasoning: Channel(kind: event.kindNumber, index: 0)
        case .reasoningSummary(let part, _): Channel(kind: event.kindNumber, index: part)
        default: nil
        }
    }

    private static func counts(_ events: ArraySlice<ProviderEvent>) -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        for event in events { counts[event.kindNumber, default: 0] += 1 }
        return counts
    }

    private static func isWellFormed(_ event: ProviderEvent) -> Bool {
        switch event {
        case .item(let json): (try? JSONDocument.parse(json))?.root["type"]?.string != nil
        case .annotation(let json): (try? JSONDocument.parse(json))?.root.kind == .object
        case .logprobs(let json): (try? JSONDocument.parse(json))?.root.kind == .array
        default: true
        }
    }
}
