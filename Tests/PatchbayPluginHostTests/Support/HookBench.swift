import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayPluginHost

/// A plugin host with a fixture's hook, and one request at it: the lifecycle's part is the test's.
struct HookBench {
    let bench: Bench
    let fixture: Fixture
    let services = HookServicesBook()

    init(_ defines: [String] = [], _ settings: PluginHostSettings = PluginHostSettings()) async throws {
        fixture = try Fixture("hook", defines)
        bench = try await Bench.with(fixture, settings)
    }

    /// A request of which each visit does what the script says: see hook.c.
    func open(_ script: String) async throws -> Session {
        let hook = try bench.host.hook(named: "p")
        let (loop, services) = (bench.loop, services)
        let session = try await loop.submit {
            let request = HookedRequest(
                id: "req_1", owner: "somebody", model: script, isStreamed: true, isBackground: false, isStored: true,
                strand: loop, services: services)
            return NIOLoopBound(try hook.open(request), eventLoop: loop)
        }.get()
        return Session(session: session)
    }

    /// The verdict of one visit of a request of its own.
    func run(_ script: String, _ visit: HookVisit = HookVisit(.request)) async throws -> String {
        let session = try await open(script)
        let verdict = try await session.visit(visit).verdict
        try await session.close()
        return verdict
    }

    /// Stops the host, after which everything that was opened has been closed, and nothing broken.
    func end(leaving open: Int = 0) async {
        await bench.host.stop()
        #expect(fixture.count("misuse") == 0)
        #expect(fixture.count("opens") - fixture.count("closes") == open)
        #expect(HostRegistry.shared.hookCalls.all.allSatisfy { $0.plugin.image.path != fixture.path })
    }

    struct Session: Sendable {
        let session: NIOLoopBound<any HookSession>

        /// Visits on the strand.
        func visit(_ visit: HookVisit = HookVisit(.request)) async throws -> Visit {
            let loop = session.eventLoop
            return try await loop.submit {
                let made = Visit(loop)
                let verdict = session.value.visit(visit) { verdict in
                    if !loop.inEventLoop { Issue.record("later off the strand") }
                    if made.isInside.load(ordering: .relaxed) { Issue.record("later inside of visit") }
                    made.take(verdict)
                }
                made.isInside.store(false, ordering: .relaxed)
                made.wasDeferred.store(verdict == nil, ordering: .relaxed)
                if let verdict { made.take(verdict) }
                return made
            }.get()
        }

        func cancel() async throws { try await session.eventLoop.submit { session.value.cancel() }.get() }
        func close() async throws { try await session.eventLoop.submit { session.value.close() }.get() }
    }

    /// A visit and what came of it.
    final class Visit: Sendable {
        let isInside = Atomic<Bool>(true)
        let wasDeferred = Atomic<Bool>(false)
        private let count = Atomic<Int>(0)
        private let promise: EventLoopPromise<String>

        init(_ loop: any EventLoop) { promise = loop.makePromise() }

        func take(_ verdict: HookVerdict) {
            count.add(1, ordering: .relaxed)
            promise.succeed(verdict.text)
        }

        /// How often a verdict came.
        var verdicts: Int { count.load(ordering: .relaxed) }
        var isDeferred: Bool { wasDeferred.load(ordering: .relaxed) }

        var verdict: String {
            get async throws { try await promise.futureResult.get() }
        }
    }
}

extension HookVerdict {
    /// One line for comparing.
    var text: String {
        switch self {
        case .proceed: "proceed"
        case .replace(let json): "replace \(String(decoding: json, as: UTF8.self))"
        case .replaceEvents(let events): "events \(events.map { "\($0)" })"
        case .answer(let answer):
            "answer \(answer.outcome) \(answer.events.map { "\($0)" }) \(answer.usage?.inputTokens ?? -1) \(answer.provider ?? "-")"
        case .reject(let error):
            "reject \(error.kind) \(error.code ?? "-") \(error.message) [\(error.param ?? "-")] \(error.retryAfter ?? 0) \(error.detail ?? "-")"
        case .failed(let fault): "failed \(fault.reason)"
        }
    }
}
