import NIOCore
import PatchbayModel

/// Shows an answer's events to the hooks that want them before they are a part of the answer: those that came in one
/// turn of the event loop together, one hook after another. Stands between a provider's run and its provider. Confined
/// to the request's strand.
///
/// While a hook has deferred its verdict the provider is paused, and what still comes waits here, within the bound of
/// an answer. No hook is called from inside a call of the provider's.
final class EventStage: @unchecked Sendable {
    /// One hook of the answer.
    private struct Place {
        let seat: HookSeat
        var filter = EventFilter()
    }

    /// Events on their way through the hooks.
    private final class Batch {
        /// Which hook has them.
        var place = 0
        var events: [ProviderEvent]
        /// Those before this one are done with at this hook.
        var position = 0
        /// What the hook has left of them.
        var left: [ProviderEvent] = []
        /// What it is shown just now.
        var shown: Range<Int> = 0..<0
        /// The provider has ended, and nothing comes after these.
        let isLast: Bool
        /// The hook has been told so.
        var toldLast = false

        init(_ events: [ProviderEvent], isLast: Bool) {
            self.events = events
            self.isLast = isLast
        }

        /// Goes on to the next hook.
        func moveOn() {
            place += 1
            (events, left, position, toldLast) = (left, [], 0, false)
        }

        /// Leaves events as they are, which are the first of those that are left.
        func leave(_ slice: ArraySlice<ProviderEvent>, _ filter: EventFilter) {
            if left.isEmpty, slice.count == events.count, filter.keepsAll {
                left = events
            } else {
                for event in slice where filter.keeps(event) { left.append(event) }
            }
        }
    }

    private static let maxEvents = 256
    private static let maxBytes = 64 << 10
    /// The least that an event counts for, bytes.
    private static let minSize = 64

    private let hooks: HookRun
    private let run: ProviderRun
    private var places: [Place]
    private var provider: (any ProviderCall)?
    /// What has come and no hook has seen.
    private var pending: ArraySlice<ProviderEvent> = []
    /// Bytes of it, and the most.
    private var pendingBytes = 0
    private let limit: Int
    private var batch: Batch?
    private var end: ProviderEnd?
    private var isScheduled = false
    /// Who has deferred its verdict.
    private var visited: HookSeat?
    private var isVisiting = false
    private var isReaderBehind = false
    /// The provider was paused and not yet told to go on.
    private var isPaused = false
    /// Nothing more is to be shown to anybody.
    private var isOver = false

    /// Nil where no hook wants the answer's events.
    init?(_ hooks: HookRun, run: ProviderRun, limit: Int) {
        // The response side's order.
        let seats = hooks.seats[..<hooks.reach].reversed().filter { $0.sees(.events) }
        guard !seats.isEmpty else { return nil }
        self.hooks = hooks
        self.run = run
        self.limit = limit
        places = seats.map { Place(seat: $0) }
    }

    /// The call whose events these are.
    func attach(_ call: any ProviderCall) {
        provider = call
    }

    /// Takes an event of the provider's. Throws where more waits than an answer may hold.
    func receive(_ event: ProviderEvent) throws(GatewayError) -> Demand {
        guard !isOver else { return .more }
        pending.append(event)
        pendingBytes += max(event.size, Self.minSize)
        guard pendingBytes <= limit else { throw AnswerBuilder.tooLarge }
        schedule()
        guard isVisiting || isReaderBehind || pending.count >= Self.maxEvents || pendingBytes >= Self.maxBytes else {
            return .more
        }
        isPaused = true
        return .pause
    }

    /// The provider has ended. The run is told so once the hooks are done with what it said.
    func end(_ end: ProviderEnd) {
        self.end = end
        if isOver { finish() } else { schedule() }
    }

    /// The answer is not to go on, whatever the hooks think of the rest of it.
    func stop() {
        isOver = true
        (pending, pendingBytes, batch) = ([], 0, nil)
        if isVisiting { visited?.cancel() }
        if end != nil { finish() }
    }

    private func schedule() {
        guard !isScheduled, !isVisiting else { return }
        isScheduled = true
        hooks.exchange.strand.execute {
            self.isScheduled = false
            self.advance()
        }
    }

    // MARK: Batches

    /// Goes on for as long as no hook defers and there is something to do.
    private func advance() {
        guard !isVisiting else { return }
        while !isOver {
            guard batch != nil || beginBatch() else { break }
            guard let batch, batch.place < places.count else {
                deliver()
                continue
            }
            guard visitNext(batch.place) else { return }
        }
        resumeIfWanted()
    }

    private func beginBatch() -> Bool {
        guard !pending.isEmpty || end != nil else { return false }
        var (count, bytes) = (0, 0)
        for event in pending {
            guard count < Self.maxEvents, count == 0 || bytes + event.size <= Self.maxBytes else { break }
            bytes += event.size
            count += 1
            pendingBytes -= max(event.size, Self.minSize)
        }
        let events = Array(pending.prefix(count))
        pending = pending.dropFirst(count)
        if pending.isEmpty { pending = [] }
        batch = Batch(events, isLast: end != nil && pending.isEmpty)
        return true
    }

    /// Shows a hook the next events that it wants. False: it has deferred its verdict.
    private func visitNext(_ place: Int) -> Bool {
        guard let batch else { return true }
        let seat = places[place].seat
        let interest = seat.entry.hook.interest
        let events = batch.events
        let sees = seat.sees(.events)
        while batch.position < events.count, !sees || !interest.contains(events[batch.position]) {
            if places[place].filter.keeps(events[batch.position]) { batch.left.append(events[batch.position]) }
            batch.position += 1
        }
        let start = batch.position
        while batch.position < events.count, interest.contains(events[batch.position]) { batch.position += 1 }
        batch.shown = start..<batch.position
        let isLast = batch.isLast && batch.position == events.count && !batch.toldLast && sees
        guard !batch.shown.isEmpty || isLast else {
            batch.moveOn()
            return true
        }
        if isLast { batch.toldLast = true }
        let shown = batch.shown.count == events.count ? events : Array(events[batch.shown])
        let visit = HookVisit(
            .events, events: shown, isLast: isLast, wasSent: hooks.wasSent, round: hooks.round)
        if let outcome = seat.visit(visit, of: hooks.hooked, waiter: self) {
            settle(outcome)
            return true
        }
        isVisiting = true
        visited = seat
        // Nobody waits for a hook once the request has been given up.
        if hooks.exchange.cancelled != nil { seat.cancel() }
        return false
    }

    /// Does what a hook has said of the events that it was shown.
    private func settle(_ outcome: HookOutcome) {
        guard !isOver, let batch else { return }
        let place = batch.place
        let shown = batch.events[batch.shown]
        do throws(GatewayError) {
            switch try hooks.judge(outcome, of: places[place].seat, at: .events) {
            case .proceed: break
            case .replaceEvents(let events):
                do throws(HookFault) {
                    try places[place].filter.replace(shown, by: events)
                    for event in events where places[place].filter.keeps(event) { batch.left.append(event) }
                    return
                } catch {
                    try hooks.failed(places[place].seat, at: .events, error.reason)
                }
            default: try hooks.failed(places[place].seat, at: .events, HookRun.misplaced)
            }
            places[place].filter.pass(shown)
            batch.leave(shown, places[place].filter)
        } catch {
            run.refuse(error)
        }
    }

    /// The hooks are done with a batch: it is the answer's.
    private func deliver() {
        guard let batch else { return }
        self.batch = nil
        for event in batch.events where !isOver {
            if run.deliver(event) == .pause { isReaderBehind = true }
        }
        guard batch.isLast, !isOver else { return }
        isOver = true
        finish()
    }

    private func finish() {
        guard let end else { return }
        run.conclude(end)
    }

    private func resumeIfWanted() {
        guard isPaused, !isVisiting, !isReaderBehind, end == nil else { return }
        isPaused = false
        provider?.resume()
    }
}

extension EventStage: HookWaiter {
    func hasEnded(_ outcome: HookOutcome) {
        isVisiting = false
        visited = nil
        guard !isOver else { return }
        if case .cancelled = outcome {
            // What the hook had isn't the answer's. The provider's end follows, where it hasn't come.
            if end == nil { stop() } else { run.refuse(HookRun.givenUp) }
        } else {
            settle(outcome)
            advance()
        }
    }
}

/// The exchange's, in front of the provider's call.
extension EventStage: ProviderCall {
    func resume() {
        // Later: the reader may have caught up before it has said that it is behind.
        hooks.exchange.strand.execute {
            self.isReaderBehind = false
            self.resumeIfWanted()
        }
    }

    func cancel(_ reason: CancelReason) {
        if end == nil { provider?.cancel(reason) }
        guard isVisiting else { return }
        hooks.services.cancelAsking()
        visited?.cancel()
    }
}

extension ProviderEvent {
    /// Bytes of what it holds.
    fileprivate var size: Int {
        switch self {
        case .text(let text), .refusal(let text), .reasoning(let text), .reasoningSummary(_, let text),
            .reasoningOpaque(let text), .arguments(_, let text):
            text.utf8.count
        case .toolCall(_, let id, let name): id.utf8.count + name.utf8.count
        case .item(let json), .annotation(let json), .logprobs(let json): json.count
        case .toolCallEnd, .partEnd, .itemEnd: 0
        }
    }
}
