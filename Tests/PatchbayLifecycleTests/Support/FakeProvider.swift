import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider that gives a fixed list of events and an end, and keeps what it was asked. It obeys `.pause`.
final class FakeProvider: Provider {
    let name = "fake"
    private let events: [ProviderEvent]
    private let outcome: ProviderEnd.Outcome
    private let asked = Mutex<[ProviderRequest]>([])
    /// Whether the end is kept back until the call is cancelled, or `release`.
    private let hangs: Bool
    private let calls = Mutex<[Call]>([])
    /// Given when a call has been cancelled.
    let cancelled = Signal()
    /// What it says of its models.
    private let markup: [String: ToolMarkup]
    private let abilities: [String: ModelCapabilities]

    init(
        _ events: [ProviderEvent], _ outcome: ProviderEnd.Outcome = .stop, hangs: Bool = false,
        markup: [String: ToolMarkup] = [:], abilities: [String: ModelCapabilities] = [:]
    ) {
        self.abilities = abilities
        self.markup = markup
        self.events = events
        self.outcome = outcome
        self.hangs = hangs
    }

    var requests: [ProviderRequest] { asked.withLock { $0 } }

    /// The `input` that the provider saw last.
    var lastBody: String { requests.last.map { String(decoding: $0.body, as: UTF8.self) } ?? "" }

    func toolMarkup(of model: String) -> ToolMarkup { markup[model] ?? .none }

    func capabilities(of model: String) -> ModelCapabilities { abilities[model] ?? ModelCapabilities() }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        asked.withLock { $0.append(request) }
        let call = Call(events: events, outcome: outcome, hangs: hangs, strand: strand, receiver: receiver)
        call.cancelled = cancelled
        if hangs { calls.withLock { $0.append(call) } }
        strand.assumeIsolated().execute { call.go() }
        return call
    }

    /// Lets a call end that is held back, once there is one.
    func release() async {
        while calls.withLock({ $0.isEmpty }) { await Task.yield() }
        for call in calls.withLock({ $0 }) { call.release() }
    }

    final class Call: ProviderCall, @unchecked Sendable {
        private var events: ArraySlice<ProviderEvent>
        private let outcome: ProviderEnd.Outcome
        private let hangs: Bool
        private let strand: any EventLoop
        private let receiver: any ProviderReceiver
        private var ended = false
        var cancelled: Signal?

        init(
            events: [ProviderEvent], outcome: ProviderEnd.Outcome, hangs: Bool, strand: any EventLoop,
            receiver: any ProviderReceiver
        ) {
            self.events = events[...]
            self.outcome = outcome
            self.hangs = hangs
            self.strand = strand
            self.receiver = receiver
        }

        func go() {
            while !ended, let event = events.popFirst() {
                if receiver.receive(event) == .pause { return }
            }
            if !hangs { end(outcome) }
        }

        func release() { strand.execute { self.end(self.outcome) } }

        func resume() { strand.execute { self.go() } }

        func cancel(_ reason: CancelReason) {
            cancelled?.give()
            strand.execute { self.end(.failed(GatewayError(.cancelled, "cancelled"))) }
        }

        private func end(_ outcome: ProviderEnd.Outcome) {
            guard !ended else { return }
            ended = true
            receiver.end(
                ProviderEnd(outcome, usage: Usage(inputTokens: 3, outputTokens: 2), upstreamResponseID: "upstream-1"))
        }
    }
}
