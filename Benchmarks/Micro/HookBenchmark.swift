import Logging
import NIOCore
import NIOPosix
import PatchbayLifecycle
import PatchbayModel
import PatchbayPluginHost
import PatchbayUpstream

/// Visits of a C plugin's hook that does nothing: the ABI and the plugin host, without the lifecycle.
struct HookBenchmark {
    let library: String
    let visits: Int

    func run(rounds: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = Logger(label: "micro", factory: { _ in SwiftLogNoOpLogHandler() })
        let upstream = UpstreamClient(configuration: UpstreamConfiguration(), logger: logger)
        let host = PluginHost(loops: group, upstream: upstream, logger: logger)
        let names = (1...5).map { "hook\($0)" }
        try await host.load(names.map { PluginDescription(name: $0, library: library) })
        let hooks = try names.map { try host.hook(named: $0) }
        let loop = group.any()
        // The first round warms up.
        for round in 0...rounds {
            func measure(_ name: String, _ count: Int, _ model: String, _ visit: HookVisit) async throws {
                let hooks = Array(hooks.prefix(count))
                let time = try await loop.submit { try self.visit(hooks, model, visit, on: loop) }.get()
                if round > 0 { print(name, Double(time) / Double(visits)) }
            }
            let document = Array(#"{"model":"m","input":"Hello"}"#.utf8)
            let plain = HookVisit(.request) { document }
            try await measure("hook_1_ns", 1, "", plain)
            try await measure("hook_5_ns", 5, "", plain)
            try await measure("hook_function_ns", 1, "function", plain)
            try await measure("hook_document_ns", 1, "document", plain)
            try await measure("hook_event_ns", 1, "", HookVisit(.events, events: [.text("hello")]))
            let batch = (0..<32).map { _ in ProviderEvent.text("hello") }
            try await measure("hook_batch_ns", 1, "", HookVisit(.events, events: batch))
            try await measure("hook_request_ns", 1, "open", plain)
        }
        await host.stop()
        upstream.shutdown()
        try await group.shutdownGracefully()
    }

    /// The time of all visits, each of all hooks; with the model "open" each is a request of its own.
    private func visit(_ hooks: [any Hook], _ model: String, _ visit: HookVisit, on loop: any EventLoop) throws -> Int {
        let services = NoServices()
        let request = HookedRequest(
            id: "req_1", owner: "0123456789abcdef", model: model, isStreamed: true, isBackground: false,
            isStored: false,
            strand: loop, services: services)
        let isEachOpened = model == "open"
        var sessions: [any HookSession] = []
        if !isEachOpened { sessions = try hooks.map { try $0.open(request) } }
        let start = CPUTime.now
        for _ in 0..<visits {
            if isEachOpened { sessions = try hooks.map { try $0.open(request) } }
            for session in sessions {
                guard case .proceed? = session.visit(visit, later: { _ in }) else { throw HookFault("a verdict") }
            }
            if isEachOpened { for session in sessions { session.close() } }
        }
        let time = CPUTime.now - start
        if !isEachOpened { for session in sessions { session.close() } }
        return time
    }
}

private final class NoServices: HookServices {
    func put(_ value: [UInt8], named name: String) throws(GatewayError) {}
    func value(named name: String) -> [UInt8]? { nil }
    func ask(_ body: [UInt8], done: @escaping @Sendable (Result<String, GatewayError>) -> Void) throws(GatewayError) {
        throw GatewayError(.internal, "There is no model here.")
    }
}
