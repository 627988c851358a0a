import NIOCore

/// Runs a task's parts on an event loop, so that a request stays on the loop of its connection.
///
/// NIO has event loops as executors of actors only; this is the one for tasks.
package final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    package init(_ loop: any EventLoop) {
        self.loop = loop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
