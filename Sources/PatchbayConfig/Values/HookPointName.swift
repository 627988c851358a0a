/// The points of a request's life, as `points:` of a hook names them.
package enum HookPointName: String, Sendable, CaseIterable {
    case request
    case historyLoaded = "history_loaded"
    case route
    case attemptFailed = "attempt_failed"
    case events
    case toolCall = "tool_call"
    case toolResult = "tool_result"
    case complete
    case persisted
    case failure
}
