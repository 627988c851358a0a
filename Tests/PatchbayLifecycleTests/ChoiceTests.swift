import Logging
import NIOCore
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayLifecycle

/// Several answers to one request.
@Suite struct ChoiceTests {
    private func request(stream: Bool = false) -> Request {
        var request = Request.user("hello", stream: stream, store: false)
        request.fields["seed"] = Array("7".utf8)
        return request
    }

    private func streamed(_ gateway: Gateway, _ count: Int, sink: ChoiceRecorder = ChoiceRecorder()) async throws
        -> ChoiceRecorder
    {
        let runner = LoopRunner()
        return try await runner.run {
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            sink.exchange = exchange
            try await gateway.stream(self.request(stream: true), choices: count, in: exchange, to: sink)
            return sink
        }
    }

    @Test func `each is a call of its own with a seed of its own, and all are given in their order`() async throws {
        let provider = FakeProvider([.text("hi")])
        let gateway = Gateway(provider, store: nil)
        let runner = LoopRunner()
        let answers = try await runner.run {
            try await gateway.respond(
                to: self.request(), choices: 3, in: Exchange(id: "req_1", owner: "a", strand: runner.loop))
        }
        #expect(answers.count == 3 && answers.allSatisfy { $0.status == .completed })
        #expect(answers.totalUsage?.inputTokens == 9 && answers.totalUsage?.outputTokens == 6)
        let seeds = provider.requests.map { request in
            (7...9).first { String(decoding: request.body, as: UTF8.self).contains("\"seed\":\($0)") }
        }
        #expect(seeds.compactMap { $0 }.sorted() == [7, 8, 9])
    }

    @Test func `the seed of the model's defaults is counted up as well`() async throws {
        let provider = FakeProvider([.text("hi")])
        let router = Router([
            Router.Entry(
                name: "m", provider: provider,
                defaults: RequestFields([RequestFields.Field(name: "seed", json: Array("\(Int.max - 1)".utf8))]))
        ])
        let gateway = Gateway(
            router: router, store: nil, clock: StoppedClock(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let runner = LoopRunner()
        _ = try await runner.run {
            try await gateway.respond(
                to: Request.user("hello", store: false), choices: 3,
                in: Exchange(id: "req_1", owner: "a", strand: runner.loop))
        }
        let bodies = provider.requests.map { String(decoding: $0.body, as: UTF8.self) }
        for seed in [Int.max - 3, Int.max - 1, Int.max] {
            #expect(bodies.count { $0.contains("\"seed\":\(seed)") } == 1, "\(bodies)")
        }
    }

    @Test func `a stream has every choice's events and one end with their usage together`() async throws {
        let sink = try await streamed(Gateway(FakeProvider([.text("a"), .text("b")]), store: nil), 3)
        for choice in 0..<3 {
            let events = sink.events.filter { $0.choice == choice }.map(\.event)
            guard case .created = events.first, case .completed = events.last else {
                Issue.record("choice \(choice): \(events)")
                continue
            }
            #expect(events.count(where: \.isTerminal) == 1)
        }
        #expect(sink.ends == 1 && sink.failure == nil && sink.usage?.inputTokens == 9)
    }

    @Test func `one that fails before anything is said fails the request, and stops the others`() async throws {
        let provider = HangingProvider(failing: [], says: [])
        var policy = GatewayPolicy()
        policy.firstEventGrace = .hours(1)
        let gateway = Gateway(provider, store: nil, policy: policy)
        let sink = ChoiceRecorder()
        let error = await #expect(throws: GatewayError.self) { try await streamed(gateway, 3, sink: sink) }
        #expect(error?.kind == .rateLimited)
        #expect(sink.events.isEmpty && sink.ends == 0 && sink.failure == nil)
        #expect(provider.cancelled == 2)
    }

    @Test func `one that fails after something was said ends the stream of all with one error`() async throws {
        for said in [[], [ProviderEvent.text("b")]] {
            let provider = HangingProvider(failing: said, says: [.text("a")])
            let sink = try await streamed(Gateway(provider, store: nil), 3)
            #expect(sink.failure?.kind == .rateLimited && sink.ends == 0)
            #expect(!sink.events.isEmpty && !sink.events.contains { $0.event.isTerminal })
            #expect(!sink.hasEventsAfterEnd && provider.cancelled == 2)
        }
    }

    @Test func `a client that goes away stops all of them`() async throws {
        let provider = HangingProvider(failing: nil, says: [.text("a")])
        let sink = ChoiceRecorder()
        sink.onEvent = { $0.clientGone() }
        _ = try? await streamed(Gateway(provider, store: nil), 3, sink: sink)
        #expect(provider.cancelled == 3)
    }

    @Test func `a reader that is behind pauses each provider, and each goes on when it has caught up`() async throws {
        let provider = PacedProvider((0..<50).map { .text("\($0) ") })
        let sink = ChoiceRecorder()
        sink.isSlow = true
        let recorded = try await streamed(Gateway(provider, store: nil), 2, sink: sink)
        #expect(recorded.ends == 1 && provider.pauses > 1 && provider.unasked == 0)
        for choice in 0..<2 {
            let text = recorded.events.compactMap { entry -> String? in
                guard entry.choice == choice, case .textDelta(_, _, let text, _) = entry.event else { return nil }
                return text
            }.joined()
            #expect(text == (0..<50).map { "\($0) " }.joined())
        }
    }
}

/// Keeps what a stream's client would get of several answers. Confined to one strand.
private final class ChoiceRecorder: ChoiceSink, @unchecked Sendable {
    private(set) var events: [(choice: Int, event: ResponseEvent)] = []
    private(set) var ends = 0
    private(set) var usage: Usage?
    private(set) var failure: GatewayError?
    private(set) var hasEventsAfterEnd = false
    var exchange: Exchange?
    var onEvent: ((Exchange) -> Void)?
    /// Pauses after each event, and is ready in a later pass of the loop.
    var isSlow = false

    func send(_ event: ResponseEvent, of choice: Int) -> Demand {
        if ends > 0 || failure != nil { hasEventsAfterEnd = true }
        events.append((choice, event))
        if let exchange { onEvent?(exchange) }
        guard isSlow, let exchange else { return .more }
        exchange.strand.execute { exchange.readerIsReady() }
        return .pause
    }

    func end(usage: Usage?) {
        ends += 1
        self.usage = usage
    }

    func fail(_ error: GatewayError) { failure = error }
}

/// Says something and hangs until it is cancelled; but the call with the seed 8 says something else and fails, once the
/// others have begun.
private final class HangingProvider: Provider {
    let name = "hanging"
    private let failing: [ProviderEvent]?
    private let says: [ProviderEvent]
    private let cancels = Mutex(0)
    /// Of three calls, the one that fails once all have begun.
    private let begun = Mutex<[Call?]>([])

    /// `failing` nil: none fails.
    init(failing: [ProviderEvent]?, says: [ProviderEvent]) {
        self.failing = failing
        self.says = says
    }

    var cancelled: Int { cancels.withLock { $0 } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let call = Call(self, strand, receiver)
        let fails = failing != nil && String(decoding: request.body, as: UTF8.self).contains("\"seed\":8")
        begun.withLock { $0.append(fails ? call : nil) }
        strand.assumeIsolated().execute {
            for event in fails ? self.failing ?? [] : self.says { _ = receiver.receive(event) }
            let calls = self.begun.withLock { $0 }
            guard calls.count == 3 else { return }
            for call in calls { call?.end(GatewayError(.rateLimited, "slow down")) }
        }
        return call
    }

    private final class Call: ProviderCall, @unchecked Sendable {
        private let provider: HangingProvider
        private let strand: any EventLoop
        private var receiver: (any ProviderReceiver)?

        init(_ provider: HangingProvider, _ strand: any EventLoop, _ receiver: any ProviderReceiver) {
            self.provider = provider
            self.strand = strand
            self.receiver = receiver
        }

        func resume() {}

        func cancel(_ reason: CancelReason) {
            provider.cancels.withLock { $0 += 1 }
            strand.execute { self.end(GatewayError(.cancelled, "cancelled")) }
        }

        func end(_ error: GatewayError) {
            let receiver = self.receiver
            self.receiver = nil
            receiver?.end(ProviderEnd(.failed(error)))
        }
    }
}
