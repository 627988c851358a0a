import Logging
import NIOCore
import NIOPosix
import PatchbayLifecycle
import PatchbayModel
import PatchbayUpstream

@testable import PatchbayPluginHost

/// A plugin host with one event loop, and one fixture loaded as the plugin `p`.
struct Bench {
    let host: PluginHost
    let loop: any EventLoop
    let log = LogBook()
    private let upstream: UpstreamClient

    init(_ settings: PluginHostSettings = PluginHostSettings()) {
        loop = MultiThreadedEventLoopGroup.singleton.next()
        let log = log
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .debug
        upstream = UpstreamClient(configuration: UpstreamConfiguration(), logger: logger)
        host = PluginHost(
            loops: MultiThreadedEventLoopGroup.singleton, upstream: upstream, logger: logger, settings: settings)
    }

    /// A host that has loaded one library.
    static func with(_ fixture: Fixture, _ settings: PluginHostSettings = PluginHostSettings()) async throws -> Bench {
        let bench = Bench(settings)
        try await bench.host.load([PluginDescription(name: "p", library: fixture.path)])
        return bench
    }

    /// What a call came to.
    struct Outcome: Sendable {
        var events: [ProviderEvent]
        var text: String
        var end: ProviderEnd
        var violations: [String]

        var error: GatewayError? { if case .failed(let error) = end.outcome { error } else { nil } }
    }

    /// Begins a count on the loop, and waits for its end; nil where the plugin has none.
    func count(_ script: String) async throws -> Outcome? {
        let provider = try host.provider(named: "p")
        let loop = loop
        let call: Call? = try await loop.submit {
            let recorder = Recorder(on: loop)
            let request = ProviderRequest(
                body: Array("{}".utf8), model: script, conversation: "", stream: false, timeout: nil)
            do {
                recorder.call = try provider.count(request, on: loop, receiver: recorder)
            } catch {
                recorder.ended.succeed()
                throw error
            }
            guard recorder.call != nil else {
                recorder.ended.succeed()
                return nil
            }
            return Call(recorder: NIOLoopBound(recorder, eventLoop: loop), ended: recorder.ended.futureResult)
        }.get()
        return try await call?.outcome
    }

    /// Begins a call on the loop, and waits for its end.
    func run(
        _ script: String, timeout: Int? = nil, body: [UInt8] = Array("{}".utf8),
        _ prepare: @escaping @Sendable (Recorder) -> Void = { _ in }
    ) async throws -> Outcome {
        let call = try await begin(script, timeout: timeout, body: body, prepare)
        return try await call.outcome
    }

    /// Begins a call of the tool `run`, whose arguments are the script, and waits for its end.
    func invoke(_ script: String, maxOutput: Int = 64 << 10) async throws -> Outcome {
        try await beginTool(script, maxOutput: maxOutput).outcome
    }

    func beginTool(_ script: String, maxOutput: Int = 64 << 10) async throws -> Call {
        let runner = try host.tools(named: "p").runner
        let loop = loop
        return try await loop.submit {
            let recorder = Recorder(on: loop)
            let invocation = ToolInvocation(
                name: "run", arguments: Array(script.utf8), callID: "call_1", requestID: "req_1", owner: "o",
                timeout: 1234, maxOutput: maxOutput)
            do {
                recorder.call = try runner.invoke(invocation, on: loop, receiver: recorder)
            } catch {
                recorder.ended.succeed()
                throw error
            }
            return Call(recorder: NIOLoopBound(recorder, eventLoop: loop), ended: recorder.ended.futureResult)
        }.get()
    }

    /// A call that has begun.
    struct Call: Sendable {
        let recorder: NIOLoopBound<Recorder>
        let ended: EventLoopFuture<Void>

        var outcome: Outcome {
            get async throws {
                try await ended.get()
                return try await with {
                    Outcome(events: $0.events, text: $0.text, end: $0.end!, violations: $0.violations)
                }
            }
        }

        /// Does something on the strand.
        func with<T: Sendable>(_ body: @escaping @Sendable (Recorder) -> T) async throws -> T {
            try await recorder.eventLoop.submit { body(recorder.value) }.get()
        }
    }

    func begin(
        _ script: String, timeout: Int? = nil, body: [UInt8] = Array("{}".utf8),
        _ prepare: @escaping @Sendable (Recorder) -> Void = { _ in }
    ) async throws -> Call {
        let provider = try host.provider(named: "p")
        let loop = loop
        return try await loop.submit {
            let recorder = Recorder(on: loop)
            prepare(recorder)
            let request = ProviderRequest(
                body: body, model: script, conversation: "c", stream: true, timeout: timeout)
            do {
                recorder.call = try provider.begin(request, on: loop, receiver: recorder)
            } catch {
                recorder.ended.succeed()
                throw error
            }
            return Call(recorder: NIOLoopBound(recorder, eventLoop: loop), ended: recorder.ended.futureResult)
        }.get()
    }

    /// All turns of the loop that are due now have passed.
    func settle() async throws {
        try await loop.submit {}.get()
    }
}
