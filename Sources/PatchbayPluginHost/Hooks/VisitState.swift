internal import PatchbayLifecycle

/// The visits of one request at one hook as a state machine: whether a verdict is owed, and whether somebody waits for
/// it. It knows neither C nor threads; `HookCall` keeps it behind a lock and does what it answers.
///
/// Its promises: each visit comes to exactly one verdict, from the plugin's functions or from what `visit` returned; it
/// is told of a cancel at most once, and only where it has deferred.
struct VisitState {
    /// How the plugin's `visit` came back.
    enum Return {
        case ok
        case deferred
        case failed(HookFault)
    }

    enum Returned {
        case verdict(HookVerdict)
        /// It owes the verdict. `cancel`: nobody waits for it, and the plugin must be told.
        case deferred(cancel: Bool)
    }

    /// What becomes of a verdict that the plugin gave by a function.
    enum Given {
        /// The strand must have it. `counts`: it was waited for.
        case deliver(HookVerdict, counts: Bool)
        /// `returned` hands it out. `counts` likewise.
        case kept(counts: Bool)
        /// There had been one.
        case second
        /// The visit is over.
        case closed
    }

    enum Cancelled {
        /// Nothing was owed, or it had been cancelled.
        case nothing
        /// The plugin must be told.
        case tell
        /// It is still in `visit`, or before it.
        case wait
    }

    private enum Phase {
        /// Between visits.
        case none
        /// It waits for a thread.
        case waiting
        /// The plugin's `visit` runs.
        case running
        case deferred
    }

    /// Of the latest visit; 0 before the first.
    private(set) var id: UInt64 = 0
    private var phase = Phase.none
    private var isCancelled = false
    /// Given while `visit` runs.
    private var verdict: HookVerdict?
    private var hasVerdict = true
    /// The host calls the plugin no more.
    private var isRetired = false

    /// What the visit lends and has been given; replaced with each.
    private(set) var document: (@Sendable () -> [UInt8])?
    private(set) var lent: LentToVisit?
    private var emitted: [ProviderEvent] = []
    private var emittedBytes = 0
    private var askCount = 0
    private(set) var asks: [HookAsk] = []

    /// Bytes of the events that a visit may emit, and of the values that it may borrow.
    static let maxBytes = 16 << 20
    /// Questions of one visit to models.
    static let maxAsks = 8

    /// The plugin has the visit's memory in its hands.
    var isOwed: Bool { phase != .none }

    /// Whether the visit of this number takes documents, events and a verdict.
    @inline(__always)
    func isOpen(_ id: UInt64) -> Bool {
        id == self.id && !hasVerdict && !isCancelled
    }
}

// MARK: - The host's side

extension VisitState {
    /// A visit begins. False: an earlier one still owes its verdict, or there are no more visits.
    ///
    /// - Parameter waits: for a thread; `start` follows.
    mutating func begin(_ id: UInt64, document: (@Sendable () -> [UInt8])?, waits: Bool) -> Bool {
        guard phase == .none, !isRetired else { return false }
        self.id = id
        self.document = document
        phase = waits ? .waiting : .running
        hasVerdict = false
        isCancelled = false
        askCount = 0
        return true
    }

    /// A thread takes the visit up. False: nobody waits for it any more, and the plugin isn't visited.
    mutating func start() -> Bool {
        guard !isCancelled, !isRetired else {
            end()
            return false
        }
        phase = .running
        return true
    }

    /// The plugin's `visit` has returned. What it answers itself goes before anything that it said on the way, where it
    /// has failed.
    mutating func returned(_ answer: Return) -> Returned {
        switch answer {
        case .deferred where !hasVerdict:
            phase = .deferred
            return .deferred(cancel: isCancelled)
        case .ok, .deferred:
            let verdict = verdict ?? .proceed
            end()
            return .verdict(verdict)
        case .failed(let fault):
            end()
            return .verdict(.failed(fault))
        }
    }

    /// Nobody waits for the verdict any more.
    mutating func cancel() -> Cancelled {
        guard phase != .none, !isCancelled else { return .nothing }
        isCancelled = true
        return phase == .deferred ? .tell : .wait
    }

    /// The host calls the plugin no more, and takes no verdict.
    mutating func retire() {
        isRetired = true
        isCancelled = true
    }

    private mutating func end() {
        phase = .none
        hasVerdict = true
        verdict = nil
        letGo()
    }

    private mutating func letGo() {
        document = nil
        lent = nil
        if !emitted.isEmpty { emitted = [] }
        emittedBytes = 0
    }
}

// MARK: - The plugin's side

extension VisitState {
    /// The plugin's verdict; `make` is given what was emitted.
    mutating func give(_ id: UInt64, _ make: @Sendable ([ProviderEvent]) -> HookVerdict) -> Given {
        guard id == self.id else { return .closed }
        guard !hasVerdict else { return .second }
        hasVerdict = true
        let counts = !isCancelled
        let verdict = counts ? make(emitted) : .proceed
        letGo()
        guard phase == .deferred else {
            self.verdict = verdict
            return .kept(counts: counts)
        }
        end()
        return .deliver(verdict, counts: counts)
    }

    enum Emitted { case taken, closed, tooMuch }

    mutating func emit(_ id: UInt64, _ event: ProviderEvent, bytes: Int) -> Emitted {
        guard isOpen(id) else { return .closed }
        guard emittedBytes + bytes + EventQueue.overhead <= Self.maxBytes else { return .tooMuch }
        emitted.append(event)
        emittedBytes += bytes + EventQueue.overhead
        return .taken
    }

    /// What the visit lends, made when it is first needed.
    mutating func lending() -> LentToVisit {
        if let lent { return lent }
        let made = LentToVisit()
        lent = made
        return made
    }

    /// Admits a question. False: too many of this visit.
    mutating func admit(_ ask: HookAsk) -> Bool {
        guard askCount < Self.maxAsks else { return false }
        askCount += 1
        asks.append(ask)
        return true
    }

    mutating func remove(_ ask: HookAsk) {
        asks.removeAll { $0 === ask }
    }
}
