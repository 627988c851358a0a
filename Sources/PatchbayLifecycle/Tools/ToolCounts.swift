import Synchronization

/// How a tool has done since the server's start. Any thread may ask.
package final class ToolCounts: Sendable {
    private let callCount = Atomic<Int>(0)
    private let refusalCount = Atomic<Int>(0)
    private let timeoutCount = Atomic<Int>(0)
    private let failureCount = Atomic<Int>(0)

    package init() {}

    package var calls: Int { callCount.load(ordering: .relaxed) }
    /// Calls that weren't made: by approval, by a hook, or because their arguments don't fit.
    package var refusals: Int { refusalCount.load(ordering: .relaxed) }
    package var timeouts: Int { timeoutCount.load(ordering: .relaxed) }
    package var failures: Int { failureCount.load(ordering: .relaxed) }

    func countCall() { callCount.wrappingAdd(1, ordering: .relaxed) }
    func countRefusal() { refusalCount.wrappingAdd(1, ordering: .relaxed) }
    func countTimeout() { timeoutCount.wrappingAdd(1, ordering: .relaxed) }
    func countFailure() { failureCount.wrappingAdd(1, ordering: .relaxed) }
}
