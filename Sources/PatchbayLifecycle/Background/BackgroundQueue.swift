import NIOCore
import PatchbayModel
import Synchronization

/// The responses of the background: so many run at once, so many more wait for their turn, and one past that is
/// refused.
final class BackgroundQueue: Sendable {
    private struct State {
        var waiting = CircularBuffer<Turn>()
        var running: [String: Turn] = [:]
        /// Places that were promised.
        var reserved = 0
        var isClosed = false
        /// Nobody waits any more for what is left.
        var isLeft = false
        var whenEmpty: [CheckedContinuation<Void, Never>] = []

        /// The places that are taken.
        var count: Int { running.count + waiting.count + reserved }

        /// Those that wait for what is over, if it is.
        mutating func takeWhenEmpty() -> [CheckedContinuation<Void, Never>] {
            guard isEmpty || isLeft else { return [] }
            defer { whenEmpty = [] }
            return whenEmpty
        }

        /// None is running, and none is on its way into the queue.
        var isEmpty: Bool { running.isEmpty && reserved == 0 }
    }

    private let state = Mutex(State())
    private let maxRunning: Int
    private let maxWaiting: Int

    init(maxRunning: Int, maxWaiting: Int) {
        self.maxRunning = maxRunning
        self.maxWaiting = maxWaiting
    }

    /// Whether there is a place just now.
    var hasPlace: Bool { state.withLock { !$0.isClosed && $0.count < maxRunning + maxWaiting } }

    /// Promises a place to a turn that is about to be stored: `add` or `giveBack` follows. Throws `.overloaded` if
    /// there is none.
    func reserve() throws(GatewayError) {
        let hasPlace = state.withLock { state in
            guard !state.isClosed, state.count < maxRunning + maxWaiting else { return false }
            state.reserved += 1
            return true
        }
        guard hasPlace else {
            throw GatewayError(
                .rateLimited,
                "The queue of background responses is full: \(maxRunning) run and \(maxWaiting) wait (background.max_running, background.max_queued). Try again later.",
                code: "background_queue_full", param: "background", retryAfter: 5)
        }
    }

    func giveBack() {
        let waiting = state.withLock { state in
            state.reserved -= 1
            return state.takeWhenEmpty()
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Takes a turn in the place that was promised to it. False where `close` was faster: then the turn is the caller's
    /// to end, and `giveBack` follows once that is done.
    func add(_ turn: Turn) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            state.reserved -= 1
            state.waiting.append(turn)
            return true
        }
        if isTaken { advance() }
        return isTaken
    }

    /// Takes a turn back that has not begun.
    func withdraw(_ id: String) -> Turn? {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
    }

    /// No more turns begin; those that wait are handed out to be ended, or left to the next start: `giveBack` follows
    /// for each.
    func close() -> [Turn] {
        state.withLock { state in
            state.isClosed = true
            state.reserved += state.waiting.count
            defer { state.waiting.removeAll() }
            return Array(state.waiting)
        }
    }

    /// Ends the wait for what has not ended.
    func leave() {
        let waiting = state.withLock { state in
            state.isLeft = true
            return state.takeWhenEmpty()
        }
        for continuation in waiting { continuation.resume() }
    }

    var running: [Turn] { state.withLock { Array($0.running.values) } }

    /// Returns when none is running, and none is on its way into the queue or out of it; or at `leave`.
    func whenEmpty() async {
        await withCheckedContinuation { continuation in
            let waiting = state.withLock { state in
                state.whenEmpty.append(continuation)
                return state.takeWhenEmpty()
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func advance() {
        let begun = state.withLock { state in
            var begun: [Turn] = []
            while !state.isClosed, state.running.count < maxRunning, let turn = state.waiting.popFirst() {
                state.running[turn.id] = turn
                begun.append(turn)
            }
            return begun
        }
        for turn in begun {
            Task(executorPreference: EventLoopExecutor(turn.exchange.strand)) {
                await turn.answerInBackground()
                self.end(turn)
            }
        }
    }

    private func end(_ turn: Turn) {
        let waiting = state.withLock { state in
            state.running[turn.id] = nil
            return state.takeWhenEmpty()
        }
        for continuation in waiting { continuation.resume() }
        advance()
    }
}
