import Synchronization

/// How a hook has done since the server's start. Any thread may ask.
package final class HookCounts: Sendable {
    private let visitCount = Atomic<Int>(0)
    private let rejectionCount = Atomic<Int>(0)
    private let timeoutCount = Atomic<Int>(0)
    private let failureCount = Atomic<Int>(0)

    package init() {}

    package var visits: Int { visitCount.load(ordering: .relaxed) }
    /// Requests that it rejected.
    package var rejections: Int { rejectionCount.load(ordering: .relaxed) }
    /// Visits that took longer than its budget.
    package var timeouts: Int { timeoutCount.load(ordering: .relaxed) }
    /// Visits at which it failed in another way.
    package var failures: Int { failureCount.load(ordering: .relaxed) }

    func countVisit() { visitCount.wrappingAdd(1, ordering: .relaxed) }
    func countRejection() { rejectionCount.wrappingAdd(1, ordering: .relaxed) }
    func countTimeout() { timeoutCount.wrappingAdd(1, ordering: .relaxed) }
    func countFailure() { failureCount.wrappingAdd(1, ordering: .relaxed) }
}
