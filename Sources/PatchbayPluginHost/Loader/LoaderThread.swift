internal import NIOCore
import NIOPosix
import Synchronization

/// The thread on which every [init] function of every plugin runs, one after the other. It is no thread of Swift's pool and no event
/// loop: what runs on it may block.
///
/// A plugin that hangs in a bounded step keeps the thread that it is on for ever. The steps that follow get a new one, so
/// that one bad plugin doesn't keep the others from being stopped.
final class LoaderThread: Sendable {
    private let pool = Mutex<NIOThreadPool?>(nil)

    /// Runs a step to its end.
    func run<T: Sendable>(_ step: @escaping @Sendable () -> T) async -> T {
        let thread = current()
        return await withCheckedContinuation { continuation in
            thread.submit { _ in continuation.resume(returning: step()) }
        }
    }

    /// Runs a step, and waits for it no longer than `limit`. False: it is still running, and its thread is given up.
    func run(within limit: TimeAmount, on loop: any EventLoop, _ step: @escaping @Sendable () -> Void) async -> Bool {
        let thread = current()
        let ended = loop.makePromise(of: Bool.self)
        let once = Once()
        let timer = loop.scheduleTask(in: limit) {
            guard once.claim() else { return }
            self.giveUp(thread)
            ended.succeed(false)
        }
        thread.submit { _ in
            step()
            guard once.claim() else { return }
            timer.cancel()
            ended.succeed(true)
        }
        return await (try? ended.futureResult.get()) ?? false
    }

    private func current() -> NIOThreadPool {
        pool.withLock { pool in
            if let pool { return pool }
            let new = NIOThreadPool(numberOfThreads: 1)
            new.start()
            pool = new
            return new
        }
    }

    private func giveUp(_ thread: NIOThreadPool) {
        pool.withLock { pool in
            if pool === thread { pool = nil }
        }
    }
}
