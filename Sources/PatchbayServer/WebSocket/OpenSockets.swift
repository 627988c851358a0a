import Synchronization

/// Counts the WebSockets that are open, up to a limit.
final class OpenSockets: Sendable {
    private let limit: Int
    private let open = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { open.load(ordering: .relaxed) }

    /// Counts one more. False: that would be one too many.
    func add() -> Bool {
        guard open.add(1, ordering: .relaxed).newValue <= limit else {
            remove()
            return false
        }
        return true
    }

    func remove() {
        open.subtract(1, ordering: .relaxed)
    }
}
