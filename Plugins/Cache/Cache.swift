import Synchronization

/// What one instance keeps and who waits in it, for all event loops together. One lock, which is held for some hundred
/// nanoseconds and never while the host is called; nothing is let go of under it.
final class Cache: Sendable {
    /// What is to be done with a request that can be kept.
    enum Decision {
        case answer(Entry)
        /// It goes on, and may be waited for.
        case lead(Ticket)
        /// It waits: its verdict comes from another thread, or has come.
        case wait(Ticket)
    }

    private struct State {
        var entries: Entries
        var flights = Flights()
        /// Waiters that have got an answer and aren't told yet.
        var answered: [(waiter: Waiter, entry: Entry)] = []
        var lastNumber: UInt64 = 0
        var hits = 0
        var misses = 0
        var isEnding = false
    }

    let configuration: Configuration
    let host: Host
    private let state: Mutex<State>
    private let doorbell = Doorbell()

    init(_ configuration: Configuration, _ host: Host) {
        (self.configuration, self.host) = (configuration, host)
        state = Mutex(
            State(entries: Entries(maxEntries: configuration.maxEntries, maxBytes: configuration.maxBytes)))
    }

    /// Looks up what a request asks for.
    func decide(_ key: Fingerprint, visit: UInt64) -> Decision {
        let now = host.now()
        var gone: [Entry] = []
        let (decision, isFirst) = state.withLock { state -> (Decision, Bool) in
            if let entry = state.entries.find(key, now: now, gone: &gone) {
                state.hits += 1
                return (.answer(entry), false)
            }
            state.lastNumber += 1
            let ticket = Ticket(key: key, number: state.lastNumber)
            if configuration.wait == 0 || state.isEnding || state.flights.lead(ticket) {
                state.misses += 1
                return (.lead(ticket), false)
            }
            let waiter = Waiter(visit: visit, ticket: ticket, deadline: now + configuration.wait)
            return (.wait(ticket), state.flights.wait(waiter))
        }
        if isFirst { doorbell.ring() }
        return decision
    }

    /// Keeps an answer, and gives it to all that wait for it.
    func keep(_ ticket: Ticket, events: [UInt8], usage: Usage?, provider: String) {
        let now = host.now()
        let entry = Entry(events: events, usage: usage, provider: provider, expires: now + configuration.ttl)
        var gone: [Entry] = []
        let isAwaited = state.withLock { state in
            state.entries.insert(ticket.key, entry, now: now, gone: &gone)
            let waiters = state.flights.settle(ticket.key)
            state.hits += waiters.count
            state.answered += waiters.map { ($0, entry) }
            return !waiters.isEmpty
        }
        // Not here: this is a strand, and there may be hundreds.
        if isAwaited { doorbell.ring() }
    }

    /// Gives a visit its verdict.
    func answer(_ visit: UInt64, _ entry: Entry) {
        host.note(visit, isHit: true)
        host.answer(visit, entry, usage: configuration.usage ? entry.usage : Usage.none)
    }

    /// The request won't make an answer that is kept: the next in line goes on.
    func giveUp(_ ticket: Ticket) {
        let next = state.withLock { state in
            let next = state.flights.giveUp(ticket)
            if next != nil { state.misses += 1 }
            return next
        }
        if let next { goOn(next) }
    }

    /// The visit isn't waited for any more; where it hasn't got its verdict, it gets it now.
    func cancel(_ ticket: Ticket) {
        if let waiter = state.withLock({ $0.flights.leave(ticket.number) }) { goOn(waiter) }
    }

    /// What the operator is told.
    var report: String {
        state.withLock {
            """
            \($0.hits) hits, \($0.misses) misses, \($0.entries.count) entries, \($0.entries.bytes) bytes, \
            \($0.flights.waiting) waiting for \($0.flights.underWay) under way
            """
        }
    }

    // MARK: The thread

    /// Gives the waiters their verdicts until `end` has been called and none is left. Its own thread's whole life.
    func run() {
        while true {
            let now = host.now()
            let work = state.withLock { state in
                let answered = state.answered
                state.answered = []
                let left = state.isEnding ? state.flights.end() : state.flights.overdue(now)
                state.misses += left.count
                return (answered: answered, left: left, next: state.flights.nextDeadline, isEnding: state.isEnding)
            }
            for (waiter, entry) in work.answered { answer(waiter.visit, entry) }
            for waiter in work.left { goOn(waiter) }
            guard work.answered.isEmpty && work.left.isEmpty else { continue }
            if work.isEnding { return }
            doorbell.wait(until: host.isMonotonic ? work.next : nil)
        }
    }

    /// The time has changed, other than by passing.
    func timeChanged() { doorbell.ring() }

    /// Nobody waits from now on: `run` lets all go on that do, and returns.
    func end() {
        state.withLock { $0.isEnding = true }
        doorbell.ring()
    }

    private func goOn(_ waiter: Waiter) {
        host.note(waiter.visit, isHit: false)
        host.proceed(waiter.visit)
    }
}
