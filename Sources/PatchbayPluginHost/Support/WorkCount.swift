internal import NIOCore
import Synchronization

/// How much is under way, and who waits for none.
final class WorkCount: Sendable {
    private struct State {
        var count = 0
        var waiting: [EventLoopPromise<Bool>] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock(\.count) }

    func begin() {
        state.withLock { $0.count += 1 }
    }

    func end() {
        let waiting = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [EventLoopPromise<Bool>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in waiting { promise.succeed(true) }
    }

    /// Waits until nothing is under way, at most for `limit`. False: something is.
    func waitForNone(within limit: TimeAmount, on loop: any EventLoop) async -> Bool {
        let promise = loop.makePromise(of: Bool.self)
        let isIdle = state.withLock { state in
            guard state.count > 0 else { return true }
            state.waiting.append(promise)
            return false
        }
        if isIdle { promise.succeed(true) }
        // A promise that is fulfilled already takes no second value.
        let timer = loop.scheduleTask(in: limit) { promise.succeed(false) }
        let idle = await (try? promise.futureResult.get()) ?? false
        timer.cancel()
        return idle
    }
}
