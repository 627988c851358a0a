/// Where a hook is visited: points, and kinds of events. Bits as in patchbay.h.
package struct HookInterest: Sendable, Hashable {
    package var points: UInt32
    /// Of `.events`: a bit for each PBAY_EVENT_* number.
    package var events: UInt32

    package init(points: UInt32, events: UInt32 = 0) {
        self.points = points
        self.events = events
    }

    package init(_ points: [HookPoint], events: UInt32 = 0xFFFF_FFFE) {
        self.init(points: points.reduce(0) { $0 | 1 << $1.rawValue }, events: events)
    }

    package func contains(_ point: HookPoint) -> Bool {
        points & (1 << point.rawValue) != 0
    }

    package func contains(_ event: ProviderEvent) -> Bool {
        events & (1 << event.kindNumber) != 0
    }
}

extension ProviderEvent {
    /// The number of the event's kind: PBAY_EVENT_* in patchbay.h.
    package var kindNumber: UInt32 {
        switch self {
        case .text: 1
        case .refusal: 2
        case .reasoning: 3
        case .reasoningSummary: 4
        case .reasoningOpaque: 5
        case .toolCall: 6
        case .arguments: 7
        case .toolCallEnd: 8
        case .item: 9
        case .annotation: 10
        case .logprobs: 11
        case .partEnd: 12
        case .itemEnd: 13
        }
    }
}
