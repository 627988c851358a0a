import NIOCore
import NIOPosix

/// Runs a task on an event loop, as the server does with each request.
struct LoopRunner {
    let loop: any EventLoop

    init() {
        loop = MultiThreadedEventLoopGroup.singleton.next()
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Task(executorPreference: LoopExecutor(loop: loop), operation: body).value
    }

    private final class LoopExecutor: TaskExecutor {
        let loop: any EventLoop

        init(loop: any EventLoop) {
            self.loop = loop
        }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
