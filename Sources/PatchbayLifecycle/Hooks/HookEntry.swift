import NIOCore

/// One entry of `hooks:`.
package struct HookEntry: Sendable {
    /// What becomes of a request when the hook itself fails.
    package enum OnError: String, Sendable, Hashable {
        /// It ends with an error.
        case failClosed = "fail_closed"
        /// It goes on as if the hook had nothing to say.
        case failOpen = "fail_open"
    }

    package var hook: any Hook
    package var onError: OnError
    /// For each visit.
    package var budget: TimeAmount
    package let counts = HookCounts()

    package init(_ hook: any Hook, onError: OnError = .failClosed, budget: TimeAmount = .seconds(1)) {
        self.hook = hook
        self.onError = onError
        self.budget = budget
    }
}
