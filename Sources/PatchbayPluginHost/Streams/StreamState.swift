package import PatchbayLifecycle
package import PatchbayModel

/// One call of a provider as a pure state machine: who has ended, who is paused, what waits. It knows neither C nor
/// threads;
/// `StreamCall` keeps it behind a lock and performs what `next` says.
///
/// Its promises: the receiver gets exactly one end and no event after it; the plugin gets at most one cancel, none
/// after its own end, one resume for each time that it was told to pause, and exactly one release, after its own end
/// and after the last of its HTTP exchanges.
package struct StreamState: Sendable {
    /// What becomes of a pushed event.
    package enum Push: Sendable, Equatable {
        /// Hand it to the receiver now; the caller is on the strand.
        case deliver
        /// It waits. `pause`: the plugin is told so. `wake`: the strand must be woken.
        case queued(pause: Bool, wake: Bool)
        /// Not taken, and the stream has been ended.
        case refused(StreamFault, wake: Bool)
        case closed
    }

    /// What the strand does next.
    package enum Step: Sendable {
        case deliver(ProviderEvent)
        case end(ProviderEnd)
        case cancelPlugin(CancelReason)
        /// Cancels exchanges and timers.
        case closeServices
        /// Exchanges pause with the stream.
        case pauseServices
        /// The reader has caught up. `plugin`: the plugin was told to pause.
        case resume(plugin: Bool)
        case release
    }

    /// HTTP exchanges at a time.
    package static let maxExchanges = 64

    let limits: StreamLimits
    private var queue = EventQueue()
    private var toolCalls = ToolCallIndex()
    private var usage: Usage?
    private var upstreamResponseID: String?
    private var stopSequence: String?

    /// `begin` has returned to the host's caller.
    private var hasBegun = false
    /// The plugin's own function hasn't returned yet: it runs on another thread.
    private var isInvoking = false
    private var receiverIsPaused = false
    private var pluginIsPaused = false
    /// The stream is paused, and its exchanges are or will be.
    package private(set) var isPaused = false
    private var servicesArePaused = false
    /// The end that the receiver is owed.
    private var end: ProviderEnd?
    /// The end is the host's: cancelled, too late, too much. What the plugin says no longer counts.
    private var isSettled = false
    private var receiverHasEnd = false
    private var cancelOwed: CancelReason?
    private var servicesAreClosed = false
    private var exchanges = 0
    package private(set) var pluginHasEnded = false
    package private(set) var isReleased = false
    private var isAwake = false

    package init(limits: StreamLimits) {
        self.limits = limits
    }

    /// Whether the stream takes events, exchanges and timers.
    package var isOpen: Bool { !pluginHasEnded && !isSettled }
}

// MARK: - The plugin's side

extension StreamState {
    package mutating func push(_ event: ProviderEvent, bytes: Int, onStrand: Bool) -> Push {
        guard isOpen else { return .closed }
        guard bytes <= limits.maxEventBytes else { return refuse(.eventTooLarge) }
        switch toolCalls.take(event, limit: limits.maxToolCalls) {
        case .fits: break
        case .unknown: return refuse(.malformed("an unknown tool call index"))
        case .tooMany: return refuse(.tooManyToolCalls)
        }
        if onStrand, hasBegun, !receiverIsPaused, queue.isEmpty { return .deliver }
        guard queue.isEmpty || queue.bytes + bytes + EventQueue.overhead <= limits.hardCapBytes else {
            return refuse(.hardCap)
        }
        queue.append(event, bytes: bytes)
        let pause = receiverIsPaused || queue.bytes > limits.softCapBytes
        if pause {
            pluginIsPaused = true
            isPaused = true
        }
        return .queued(pause: pause, wake: wake())
    }

    /// The stream was misused: it ends with an error. `.closed` where it had ended.
    package mutating func refuse(_ fault: StreamFault) -> Push {
        guard isOpen else { return .closed }
        return .refused(fault, wake: settle(.failed(fault.error), cancel: .limit))
    }

    /// False: closed.
    package mutating func take(_ usage: Usage) -> Bool {
        guard isOpen else { return false }
        self.usage = usage
        return true
    }

    /// False: closed.
    package mutating func take(upstreamResponseID id: String, stopSequence stop: String = "") -> Bool {
        guard isOpen else { return false }
        if !id.isEmpty { upstreamResponseID = id }
        if !stop.isEmpty { stopSequence = stop }
        return true
    }

    /// The plugin's end. Nil: it had ended before. Otherwise whether the strand must be woken.
    package mutating func finish(_ outcome: ProviderEnd.Outcome, usage last: Usage?) -> Bool? {
        guard !pluginHasEnded else { return nil }
        pluginHasEnded = true
        cancelOwed = nil
        if !isSettled {
            if let last { usage = last }
            end = ProviderEnd(
                outcome, usage: usage, upstreamResponseID: upstreamResponseID, stopSequence: stopSequence)
        }
        return wake()
    }
}

// MARK: - The receiver's side

extension StreamState {
    /// `begin` returns to the host's caller now. True: the strand must be woken.
    package mutating func begun() -> Bool {
        hasBegun = true
        let hasWork = !queue.isEmpty || !isOpen || isPaused
        return hasWork && wake()
    }

    /// `begin` returns to the host's caller now, and the plugin's function runs on another thread: until `invoked` it is
    /// told nothing. The receiver may have its end before that. True: the strand must be woken.
    package mutating func begunElsewhere() -> Bool {
        isInvoking = true
        return begun()
    }

    /// The plugin's function has returned. `refusal`: it took no call, and nothing follows. True: the strand must be
    /// woken.
    package mutating func invoked(refusal: GatewayError?) -> Bool {
        isInvoking = false
        if let refusal, !pluginHasEnded {
            pluginHasEnded = true
            cancelOwed = nil
            if !isSettled { end = ProviderEnd(.failed(refusal), usage: usage) }
        }
        return wake()
    }

    /// `begin` answered an error: nothing has happened, nothing follows.
    package mutating func begunInVain() {
        hasBegun = true
        isSettled = true
        receiverHasEnd = true
        pluginHasEnded = true
        cancelOwed = nil
        servicesAreClosed = true
        isReleased = true
        queue.removeAll()
    }

    /// The receiver answered an event with `.pause`. Inline: the push that brought the event answers so to the plugin;
    /// true if it must.
    package mutating func receiverPaused(inline: Bool) -> Bool {
        guard !isSettled, !receiverHasEnd else { return false }
        receiverIsPaused = true
        isPaused = true
        guard inline, !pluginHasEnded else { return false }
        pluginIsPaused = true
        return true
    }

    /// The receiver wants events again. True: the strand must be woken.
    package mutating func receiverResumed() -> Bool {
        guard receiverIsPaused else { return false }
        receiverIsPaused = false
        return wake()
    }

    /// The host ends the stream, unless the receiver's end is given or the host had ended it. True: the strand must be
    /// woken.
    package mutating func settle(_ outcome: ProviderEnd.Outcome, cancel reason: CancelReason) -> Bool {
        guard !receiverHasEnd, !isSettled else { return false }
        isSettled = true
        end = ProviderEnd(
            outcome, usage: usage, upstreamResponseID: upstreamResponseID, stopSequence: stopSequence)
        queue.removeAll()
        if !pluginHasEnded { cancelOwed = reason }
        return wake()
    }
}

extension StreamState {
    /// The plugin is gone: it is told nothing any more, not even released. False: it was released before.
    package mutating func abandon() -> Bool {
        guard !isReleased else { return false }
        isReleased = true
        pluginHasEnded = true
        cancelOwed = nil
        return true
    }
}

// MARK: - Exchanges

extension StreamState {
    /// Whether the stream takes one more exchange. True counts it.
    package mutating func exchangeStarted() -> Bool {
        guard isOpen, exchanges < Self.maxExchanges else { return false }
        exchanges += 1
        return true
    }

    /// The plugin has heard of an exchange's end, or it was never made. True: the strand must be woken.
    package mutating func exchangeEnded() -> Bool {
        exchanges -= 1
        return exchanges == 0 && pluginHasEnded && wake()
    }
}

// MARK: - The strand

extension StreamState {
    /// What to do now. Nil: nothing; whoever changes that is told to wake the strand.
    package mutating func next() -> Step? {
        if let step = step() { return step }
        isAwake = false
        return nil
    }

    private mutating func step() -> Step? {
        guard hasBegun else { return nil }
        if !isOpen, !servicesAreClosed {
            servicesAreClosed = true
            return .closeServices
        }
        if isPaused, !servicesArePaused, isOpen {
            servicesArePaused = true
            return .pauseServices
        }
        if !receiverHasEnd {
            if let end, isSettled || queue.isEmpty {
                receiverHasEnd = true
                return .end(end)
            }
            if !receiverIsPaused, let event = queue.popFirst() { return .deliver(event) }
        }
        if let reason = cancelOwed, !isInvoking {
            cancelOwed = nil
            return .cancelPlugin(reason)
        }
        if isPaused, isOpen, !receiverIsPaused, queue.isEmpty {
            let plugin = pluginIsPaused
            pluginIsPaused = false
            isPaused = false
            servicesArePaused = false
            return .resume(plugin: plugin)
        }
        if pluginHasEnded, exchanges == 0, !isReleased, !isInvoking {
            isReleased = true
            return .release
        }
        return nil
    }

    /// Whether the strand must be woken: it isn't already, and it may have something to do.
    private mutating func wake() -> Bool {
        guard hasBegun, !isAwake else { return false }
        isAwake = true
        return true
    }
}
