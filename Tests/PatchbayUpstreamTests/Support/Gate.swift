import Synchronization

/// Holds back what a script would do until the test opens it.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, held: [@Sendable () -> Void])>((false, []))

    /// Runs the action, now or when the gate is opened.
    func pass(_ action: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.held.append(action) }
            return state.isOpen
        }
        if isOpen { action() }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for action in held { action() }
    }
}
