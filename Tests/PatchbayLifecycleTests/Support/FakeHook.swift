import Logging
import NIOCore
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Synchronization

@testable import PatchbayLifecycle

/// A hook that does what a test says, and keeps what it was shown.
final class FakeHook: Hook {
    /// What it does at a visit.
    enum Move: Sendable {
        case now(HookVerdict)
        /// In a later turn of the event loop.
        case later(HookVerdict)
        /// It never says.
        case never
        /// Not before `release`.
        case held(HookVerdict)
    }

    /// One visit.
    struct Seen: Sendable {
        var point: HookPoint
        var events: [ProviderEvent]
        var isLast: Bool
        var wasSent: Bool
        var round: Int
        var document: String?

        var json: JSONValue? { document.flatMap { try? JSONDocument.parse(Array($0.utf8)) }?.root }
    }

    let name: String
    let interest: HookInterest
    private let openFault: HookFault?
    private let script: @Sendable (HookVisit, any HookServices) -> Move
    private let seen = Mutex<[Seen]>([])
    private let calls = Mutex<[String]>([])
    private let held = Mutex<[@Sendable () -> Void]>([])
    /// Given when a visit has been deferred by `held` or `never`.
    let waiting = Signal()
    let cancelled = Signal()

    init(
        named name: String = "hook", _ interest: HookInterest, openFault: HookFault? = nil,
        _ script: @escaping @Sendable (HookVisit, any HookServices) -> Move = { _, _ in .now(.proceed) }
    ) {
        self.name = name
        self.interest = interest
        self.openFault = openFault
        self.script = script
    }

    /// One that says the same at one point, and nothing elsewhere.
    convenience init(named name: String = "hook", at point: HookPoint, _ verdict: HookVerdict) {
        self.init(named: name, HookInterest([point])) { _, _ in .now(verdict) }
    }

    /// Its visits so far.
    var visits: [Seen] { seen.withLock { $0 } }
    var points: [HookPoint] { visits.map(\.point) }
    /// `open`, the points' names, `cancel` and `close`, as they came.
    var log: [String] { calls.withLock { $0 } }

    func visit(at point: HookPoint) -> Seen? { visits.first { $0.point == point } }

    /// Gives the verdicts that are held back.
    func release() {
        for give in held.withLock({ held in
            defer { held = [] }
            return held
        }) {
            give()
        }
    }

    func open(_ request: HookedRequest) throws(HookFault) -> any HookSession {
        request.strand.preconditionInEventLoop()
        note("open")
        if let openFault { throw openFault }
        return Session(hook: self, request: request)
    }

    private func note(_ call: String) {
        calls.withLock { $0.append(call) }
    }

    private final class Session: HookSession, @unchecked Sendable {
        private let hook: FakeHook
        private let request: HookedRequest

        init(hook: FakeHook, request: HookedRequest) {
            self.hook = hook
            self.request = request
        }

        func visit(_ visit: HookVisit, later: @escaping (HookVerdict) -> Void) -> HookVerdict? {
            request.strand.preconditionInEventLoop()
            hook.note(visit.point.name)
            let seen = Seen(
                point: visit.point, events: visit.events, isLast: visit.isLast, wasSent: visit.wasSent,
                round: visit.round, document: visit.document.map { String(decoding: $0(), as: UTF8.self) })
            hook.seen.withLock { $0.append(seen) }
            let give = Given(later)
            let strand = request.strand
            switch hook.script(visit, request.services) {
            case .now(let verdict): return verdict
            case .later(let verdict): strand.execute { give.later(verdict) }
            case .never: hook.waiting.give()
            case .held(let verdict):
                hook.held.withLock { $0.append { strand.execute { give.later(verdict) } } }
                hook.waiting.give()
            }
            return nil
        }

        func cancel() {
            request.strand.preconditionInEventLoop()
            hook.note("cancel")
            hook.cancelled.give()
        }

        func close() {
            request.strand.preconditionInEventLoop()
            hook.note("close")
        }
    }

    /// A closure of one strand.
    private final class Given: @unchecked Sendable {
        let later: (HookVerdict) -> Void

        init(_ later: @escaping (HookVerdict) -> Void) {
            self.later = later
        }
    }
}

extension HookInterest {
    static let all = HookInterest(HookPoint.allCases)
}

extension HookEntry {
    /// A budget that no visit keeps.
    static let none = TimeAmount.nanoseconds(0)
}

extension Gateway {
    /// A gateway with the model `m`, and others by their names, all of them behind these hooks.
    convenience init(
        _ provider: any Provider, store: (any HistoryStore)? = nil, policy: GatewayPolicy = GatewayPolicy(),
        others: [String: any Provider] = [:], fallbacks: [String] = [], entries: [HookEntry]
    ) {
        let format = ResponsesFormat()
        self.init(
            router: Router(
                [Router.Entry(name: "m", provider: provider, fallbacks: fallbacks)]
                    + others.map { Router.Entry(name: $0.key, provider: $0.value) }), store: store, policy: policy,
            hooks: entries,
            readRequest: { body throws(GatewayError) in try format.request(from: body) },
            writeResponse: { format.body(of: $0) }, clock: StoppedClock(), logger: .quiet)
    }

    convenience init(
        _ provider: any Provider, store: (any HistoryStore)? = nil, policy: GatewayPolicy = GatewayPolicy(),
        others: [String: any Provider] = [:], fallbacks: [String] = [], hooks: FakeHook...
    ) {
        self.init(
            provider, store: store, policy: policy, others: others, fallbacks: fallbacks,
            entries: hooks.map { HookEntry($0, budget: .seconds(60)) })
    }

    /// A streamed turn, and the error that came before anything was sent.
    func outcome(of request: Request, owner: String = "a") async -> Result<[ResponseEvent], GatewayError> {
        do {
            var request = request
            request.stream = true
            return .success(try await streamedTurn(request, owner: owner))
        } catch {
            return .failure(error as? GatewayError ?? GatewayError(.internal, "\(error)"))
        }
    }
}

extension Response {
    /// The text of all its messages.
    var text: String {
        output.filter { $0.type == "message" }.map { item in
            (try? JSONDocument.parse(item.body))?.root["content"]?.elements.compactMap { $0["text"]?.string }.joined()
                ?? ""
        }.joined()
    }
}

extension [ResponseEvent] {
    /// The response of the last event, which is the only terminal one.
    var final: Response? {
        count(where: \.isTerminal) == 1 ? last?.response : nil
    }

    /// The error event's.
    var error: GatewayError? {
        for case .error(let error) in self { return error }
        return nil
    }
}
