import Glibc
package import NIOCore
import Synchronization

/// Threads of the host's own, for calls of a plugin that may block. One plugin's are its own: a call that hangs keeps
/// its thread, and holds up nobody else.
///
/// There is a thread for each job that runs, up to a maximum; a job beyond that waits in a bounded queue. A thread
/// that has had nothing to do for a while ends, so that what isn't used costs nothing.
package final class WorkerThreads: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct State {
        var queue: [Job] = []
        /// The first that waits; those before it have been taken.
        var first = 0
        /// The one that came to rest last is taken first, so that the others can end.
        var idle: [WorkerThread] = []
        var threads = 0
        var isClosed = false

        var waiting: Int { queue.count - first }

        mutating func next() -> Job? {
            guard first < queue.count else { return nil }
            let job = queue[first]
            queue[first] = {}
            first += 1
            if first == queue.count || first > 1024 {
                queue.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let state = Mutex(State())
    private let name: String
    private let maxThreads: Int
    private let maxWaiting: Int
    private let idleLimit: TimeAmount

    /// - Parameters:
    ///   - name: of the threads; its first 15 bytes are seen in the system's tools.
    ///   - maxThreads: at the same time.
    ///   - maxWaiting: jobs that wait for a thread.
    ///   - idleLimit: how long a thread without a job stays.
    package init(
        name: String, maxThreads: Int = 32, maxWaiting: Int = 1024, idleLimit: TimeAmount = .seconds(10)
    ) {
        self.name = name
        self.maxThreads = max(1, maxThreads)
        self.maxWaiting = maxWaiting
        self.idleLimit = idleLimit
    }

    /// Threads that there are now.
    package var threadCount: Int { state.withLock(\.threads) }

    /// Jobs that run now.
    package var runningCount: Int { state.withLock { $0.threads - $0.idle.count } }

    /// Jobs that wait for a thread.
    package var waitingCount: Int { state.withLock(\.waiting) }

    /// Runs a job on one of the threads. False: too many wait, or there can be no thread, and it will not be run.
    ///
    /// - Parameter isOwed: it is taken whatever waits. For what must follow on an earlier job, at most once on each.
    package func run(isOwed: Bool = false, _ job: @escaping Job) -> Bool {
        state.withLock { state in
            if let worker = state.idle.popLast() {
                worker.hand(job)
                return true
            }
            if state.threads < maxThreads, start(job) {
                state.threads += 1
                return true
            }
            // Without a thread nobody would take it from the queue, unless a later one finds a thread.
            guard isOwed || (state.waiting < maxWaiting && state.threads > 0) else { return false }
            state.queue.append(job)
            return true
        }
    }

    /// The threads end when they have nothing to do. Jobs are still taken and run.
    package func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            state.threads -= state.idle.count
            defer { state.idle = [] }
            return state.idle
        }
        for worker in idle { worker.hand(nil) }
    }

    private func start(_ job: @escaping Job) -> Bool {
        WorkerThread.start(name: name) { worker in self.work(worker, first: job) }
    }

    /// The life of a thread.
    private func work(_ worker: WorkerThread, first: @escaping Job) {
        var job: Job? = first
        while let run = job {
            job = nil
            run()
            job = next(for: worker)
        }
    }

    /// What the thread does next, when there is something; nil: it ends.
    private func next(for worker: WorkerThread) -> Job? {
        let (job, mayRest) = state.withLock { state -> (Job?, Bool) in
            if let job = state.next() { return (job, false) }
            guard !state.isClosed else {
                state.threads -= 1
                return (nil, false)
            }
            state.idle.append(worker)
            return (nil, true)
        }
        guard mayRest else { return job }
        if worker.wait(for: idleLimit) { return worker.taken() }
        // The time is up. Somebody may have been handing it a job meanwhile.
        let ends = state.withLock { state in
            guard let place = state.idle.firstIndex(where: { $0 === worker }) else { return false }
            state.idle.remove(at: place)
            state.threads -= 1
            return true
        }
        if ends { return nil }
        worker.wait()
        return worker.taken()
    }
}
