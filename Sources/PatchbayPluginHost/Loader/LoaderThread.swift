internal import NIOCore
import NIOPosix
import Synchronization

/// The thread on which every [init] function of every plugin runs, one after the other. It is no thread of Swift's
/// pool and no event loop: what runs on it may block.
///
/// A plugin that hangs in a bounded step keeps the thread that it is on for ever. The steps that wait behind it get a
/// new one, so that one bad plugin doesn't keep the others from being stopped.
final class LoaderThread: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        /// Counts the threads. A thread that isn't the current one takes no more steps.
        var current = 0
        var thread: NIOThreadPool?
        var isRunning = false
    }

    private let state = Mutex(State())

    /// Runs a step to its end.
    func run<T: Sendable>(_ step: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            enqueue { continuation.resume(returning: step()) }
        }
    }

    /// Runs a step, and waits for it no longer than `limit` from its beginning. False: it is still running, and its
    /// thread is given up.
    func run(within limit: TimeAmount, on loop: any EventLoop, _ step: @escaping @Sendable () -> Void) async -> Bool {
        let ended = loop.makePromise(of: Bool.self)
        let once = Once()
        enqueue {
            let thread = self.state.withLock(\.current)
            let timer = loop.scheduleTask(in: limit) {
                guard once.claim() else { return }
                self.giveUp(thread)
                ended.succeed(false)
            }
            step()
            guard once.claim() else { return }
            timer.cancel()
            ended.succeed(true)
        }
        return await (try? ended.futureResult.get()) ?? false
    }

    private func enqueue(_ step: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.waiting.append(step)
            if !state.isRunning { start(&state) }
        }
    }

    /// Lets the current thread, made if there is none, take the steps that wait.
    private func start(_ state: inout State) {
        state.isRunning = true
        let thread = state.thread ?? NIOThreadPool(numberOfThreads: 1)
        thread.start()
        state.thread = thread
        let number = state.current
        thread.submit { _ in self.work(number) }
    }

    private func work(_ number: Int) {
        while let step = next(number) { step() }
    }

    private func next(_ number: Int) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.current == number else { return nil }
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    /// The thread with this number hangs: what waits goes on without it.
    private func giveUp(_ number: Int) {
        state.withLock { state in
            guard state.current == number else { return }
            state.current += 1
            state.thread = nil
            state.isRunning = false
            if !state.waiting.isEmpty { start(&state) }
        }
    }
}
