internal import PatchbayLifecycle

/// The plugin's numbers of the function calls of one answer: each is begun once, has arguments while it is open, and
/// ends once.
struct ToolCallIndex: Sendable {
    private var calls: [(index: Int, isOpen: Bool)] = []

    enum Verdict {
        case fits
        /// A number that was never begun, is begun already, or has ended.
        case unknown
        /// More calls than are allowed in one answer.
        case tooMany
    }

    mutating func take(_ event: ProviderEvent, limit: Int) -> Verdict {
        switch event {
        case .toolCall(let index, _, _):
            if calls.contains(where: { $0.index == index }) { return .unknown }
            if calls.count >= limit { return .tooMany }
            calls.append((index, true))
            return .fits
        case .arguments(let index, _):
            return place(index) == nil ? .unknown : .fits
        case .toolCallEnd(let index):
            guard let place = place(index) else { return .unknown }
            calls[place].isOpen = false
            return .fits
        default:
            return .fits
        }
    }

    /// The open call with this number; the newest are asked for most.
    private func place(_ index: Int) -> Int? {
        calls.lastIndex { $0.index == index && $0.isOpen }
    }
}
