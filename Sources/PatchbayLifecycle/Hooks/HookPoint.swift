/// A point of a request's life at which hooks are visited. The raw value is the number of its bit in patchbay.h.
package enum HookPoint: UInt32, Sendable, Hashable, CaseIterable {
    case request = 0
    case historyLoaded
    case route
    case attemptFailed
    case events
    case toolCall
    case toolResult
    case complete
    case persisted
    case failure

    /// The name in the configuration and the documentation.
    package var name: String {
        switch self {
        case .request: "request"
        case .historyLoaded: "history_loaded"
        case .route: "route"
        case .attemptFailed: "attempt_failed"
        case .events: "events"
        case .toolCall: "tool_call"
        case .toolResult: "tool_result"
        case .complete: "complete"
        case .persisted: "persisted"
        case .failure: "failure"
        }
    }

    /// Whether the hooks are visited in reverse order.
    package var isOnResponseSide: Bool {
        switch self {
        case .request, .historyLoaded, .route, .toolCall: false
        case .attemptFailed, .events, .toolResult, .complete, .persisted, .failure: true
        }
    }
}
