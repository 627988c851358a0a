import Synchronization

/// The memory that all connections together may use for what they remember. What doesn't fit isn't remembered.
package final class SessionBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    /// `limit`: bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Bytes that are in use.
    package var bytes: Int { used.load(ordering: .relaxed) }

    /// Takes `count` bytes, or none.
    func take(_ count: Int) -> Bool {
        guard used.add(count, ordering: .relaxed).newValue <= limit else {
            give(count)
            return false
        }
        return true
    }

    func give(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }
}
