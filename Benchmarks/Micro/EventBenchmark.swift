import Logging
import NIOCore
import NIOPosix
import PatchbayFormats
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import PatchbayPluginHost
import PatchbayUpstream

/// Text deltas from a C plugin to the bytes of their server-sent events: the ABI, the plugin host, the answer's
/// builder, the encoder. No socket.
struct EventBenchmark {
    let library: String
    let events: Int

    func run(rounds: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = Logger(label: "micro", factory: { _ in SwiftLogNoOpLogHandler() })
        let upstream = UpstreamClient(configuration: UpstreamConfiguration(), logger: logger)
        let host = PluginHost(loops: group, upstream: upstream, logger: logger)
        try await host.load([PluginDescription(name: "bench", library: library)])
        let router = Router([Router.Entry(name: "*", provider: try host.provider(named: "bench"))])
        let gateway = Gateway(router: router, store: nil, logger: logger)
        let loop = group.any()
        for round in 0...rounds {
            let (time, bytes) = try await stream(gateway, on: loop)
            // The first round warms up.
            if round > 0 { print("event_ns", Double(time) / Double(events), "line_bytes", bytes / events) }
        }
        await host.stop()
        upstream.shutdown()
        try await group.shutdownGracefully()
    }

    /// One answer of many deltas: its time, and its bytes.
    private func stream(_ gateway: Gateway, on loop: any EventLoop) async throws -> (Int, Int) {
        let body = #"{"model":"push-\#(events)","input":"Hello","stream":true,"store":false}"#
        let request = try ResponsesFormat().request(from: Array(body.utf8))
        let done = loop.makePromise(of: (Int, Int).self)
        let executor = LoopExecutor(loop: loop)
        Task(executorPreference: executor) {
            let sink = ByteSink()
            let exchange = Exchange(id: "req_1", owner: "", strand: loop)
            let start = CPUTime.now
            do {
                try await gateway.stream(request, in: exchange, to: sink)
                done.succeed((CPUTime.now - start, sink.count))
            } catch {
                done.fail(error)
            }
        }
        return try await done.futureResult.get()
    }
}

/// Encodes into a buffer that is emptied when it is full, as a connection's is.
private final class ByteSink: ResponseSink {
    private var encoder = ResponsesFormat().makeEncoder()
    private var json = JSONWriter(capacity: 64 << 10)
    private(set) var count = 0

    func send(_ event: ResponseEvent) -> Demand {
        encoder.encode(event, into: &json)
        if json.bytes.count > 16 << 10 {
            count += json.bytes.count
            json.reset()
        }
        return .more
    }
}

/// Tasks on an event loop, as the server has them.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
