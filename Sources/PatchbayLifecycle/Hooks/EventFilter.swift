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

    /// The hook leaves the events as they are.
    mutating func pass(_ shown: ArraySlice<ProviderEvent>) {
        before = shown
    }

    /// The hook puts others in the place of those that it was shown. Throws what it may not do.
    mutating func replace(_ shown: ArraySlice<ProviderEvent>, by events: [ProviderEvent]) throws(HookFault) {
        defer { before = shown }
        var texts = Set(shown.compactMap(Self.channel))
        texts.formUnion(before.compactMap(Self.channel))
        var left = Self.counts(shown)
        var (begun, ended) = (Set<Int>(), Set<Int>())
        for event in shown {
            if case .toolCall(let index, _, _) = event { begun.insert(index) }
            if case .toolCallEnd(let index) = event { ended.insert(index) }
        }
        var kept: Set<Int> = []
        for event in events {
            if let channel = Self.channel(event) {
                guard texts.contains(channel) else {
                    throw HookFault("it gave text of kind \(channel.kind) where none was")
                }
                continue
            }
            let kind = event.kindNumber
            left[kind, default: 0] -= 1
            guard left[kind, default: 0] >= 0 else { throw HookFault("it added an event of kind \(kind)") }
            switch event {
            case .toolCall(let index, _, let name):
                guard begun.contains(index), !name.isEmpty, kept.insert(index).inserted else {
                    throw HookFault("it gave a call a number that it didn't have")
                }
            case .toolCallEnd(let index):
                guard ended.remove(index) != nil else {
                    throw HookFault("it ended a call that didn't end")
                }
            default:
                guard Self.isWellFormed(event) else { throw HookFault("its event of kind \(kind) is malformed") }
            }
        }
        dropped.formUnion(begun.subtracting(kept))
        dropped.subtract(kept)
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
        case .arguments(let index, _): Channel(kind: event.kindNumber, index: index)
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
