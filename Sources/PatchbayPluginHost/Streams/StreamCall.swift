import CPatchbay
internal import Logging
internal import NIOCore
internal import PatchbayLifecycle
internal import PatchbayModel
internal import PatchbayUpstream
import Synchronization

/// One call of a provider, for an answer or for vectors, or of a tool: the lock around `StreamState`, and the hands that do what it says.
///
/// What a plugin may call from any thread touches `state` alone. All else belongs to the strand, the event loop `loop`.
@safe final class StreamCall: @unchecked Sendable {
    let id: UInt64
    let loop: any EventLoop
    let shard: Int
    let plugin: PluginInstance
    let upstream: UpstreamClient
    private let limits: StreamLimits
    private let table: CallTable
    let state: Mutex<StreamState>
    let maxEventBytes: Int
    /// Where what the plugin pushes is gathered; nil of an answer's call, whose events go to the receiver as they come.
    let intake: StreamIntake?

    // On the strand alone.
    private var receiver: (any ProviderReceiver)?
    /// What the plugin was given.
    var memory: AnyObject?
    var call: UnsafeMutableRawPointer?
    /// The plugin took no call: there is none to release.
    var wasRefused = false
    private var deadline: Scheduled<Void>?
    private var grace: Scheduled<Void>?
    private var isOverdue = false
    var exchanges: [HTTPExchange] = []
    var timers: [StreamTimer] = []

    init(
        id: UInt64, loop: any EventLoop, shard: Int, plugin: PluginInstance, table: CallTable,
        upstream: UpstreamClient, limits: StreamLimits, receiver: any ProviderReceiver, intake: StreamIntake? = nil
    ) {
        self.id = id
        self.loop = loop
        self.shard = shard
        self.plugin = plugin
        self.upstream = upstream
        self.limits = limits
        self.maxEventBytes = limits.maxEventBytes
        self.table = table
        self.state = Mutex(StreamState(limits: limits))
        self.receiver = receiver
        self.intake = intake
    }

    /// Whether the stream takes events, exchanges and timers.
    var isOpen: Bool { state.withLock(\.isOpen) }
}

// MARK: - [any] What the plugin calls

extension StreamCall {
    @inline(__always)
    func push(_ event: ProviderEvent, bytes: Int) -> Int32 {
        let onStrand = loop.inEventLoop
        let decision = state.withLock { $0.push(event, bytes: bytes, onStrand: onStrand) }
        if case .deliver = decision, let receiver {
            // A switch: `==` goes through the protocol, across the modules' border.
            switch receiver.receive(event) {
            case .more: return PBAY_OK.code
            case .pause: return paused()
            }
        }
        return settle(decision)
    }

    /// The receiver wants no more; the strand is inside the plugin's push.
    private func paused() -> Int32 {
        guard state.withLock({ $0.receiverPaused(inline: true) }) else { return PBAY_OK.code }
        for exchange in exchanges { exchange.pause() }
        return PBAY_PAUSE.code
    }

    /// Ends the stream with an error.
    func refuse(_ fault: StreamFault) -> Int32 {
        settle(state.withLock { $0.refuse(fault) })
    }

    private func settle(_ decision: StreamState.Push) -> Int32 {
        switch decision {
        case .deliver:
            return PBAY_CLOSED.code
        case .queued(let pause, let wake):
            if wake { self.wake() }
            return pause ? PBAY_PAUSE.code : PBAY_OK.code
        case .refused(let fault, let wake):
            // How long vectors may be is the request's business, not the plugin's.
            if fault != .tooManyNumbers {
                plugin.logger.warning(
                    "a plugin broke the rules of a stream", metadata: ["fault": "\(fault.error.detail ?? "")"])
            }
            if wake { self.wake() }
            if case .malformed = fault { return PBAY_EINVALID.code }
            return PBAY_ELIMIT.code
        case .closed:
            return PBAY_CLOSED.code
        }
    }

    func report(_ usage: Usage) -> Int32 {
        state.withLock { $0.take(usage) } ? PBAY_OK.code : PBAY_CLOSED.code
    }

    func report(upstreamResponseID id: String, stopSequence stop: String) -> Int32 {
        state.withLock { $0.take(upstreamResponseID: id, stopSequence: stop) } ? PBAY_OK.code : PBAY_CLOSED.code
    }

    func finish(_ outcome: ProviderEnd.Outcome, usage: Usage?) -> Int32 {
        guard let wake = state.withLock({ $0.finish(outcome, usage: usage) }) else { return PBAY_CLOSED.code }
        // Nothing of an exchange reaches a plugin that has ended, not even what is on the stack now.
        if loop.inEventLoop { closeServices() }
        if wake { self.wake() }
        return PBAY_OK.code
    }

    func wake() {
        loop.execute { self.run() }
    }
}

// MARK: - [strand] The life of the call

extension StreamCall {
    func begin(_ request: ProviderRequest, by table: ProviderTable) throws(GatewayError) {
        let memory = RequestMemory(request)
        self.memory = memory
        var call: UnsafeMutableRawPointer?
        let report = unsafe PluginReport.of { error in
            unsafe table.begin(plugin.itself, memory.pointer, id, &call, error)
        }
        if let report {
            beginInVain()
            throw GatewayError(provider: report)
        }
        unsafe self.call = call
        if let timeout = request.timeout {
            deadline = loop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(timeout))) {
                self.settle(
                    .failed(GatewayError(.timeout, "The provider didn't answer within the time limit.")),
                    cancel: .deadline)
            }
        }
        if state.withLock({ $0.begun() }) { wake() }
    }

    /// The call was refused: nothing has happened, and nothing follows.
    func beginInVain() {
        state.withLock { $0.begunInVain() }
        receiver = nil
        forgetServices()
        forget()
    }

    /// The host ends the stream.
    func settle(_ outcome: ProviderEnd.Outcome, cancel reason: CancelReason) {
        if state.withLock({ $0.settle(outcome, cancel: reason) }) { wake() }
    }

    /// Steps in one turn of the loop; a plugin's other threads can't keep the strand for themselves.
    private static var stepsPerTurn: Int { 256 }

    private func run() {
        for _ in 0..<Self.stepsPerTurn {
            guard let step = state.withLock({ $0.next() }) else { return }
            perform(step)
        }
        wake()
    }

    private func perform(_ step: StreamState.Step) {
        switch step {
        case .deliver(let event):
            if receiver?.receive(event) == .pause { _ = state.withLock { $0.receiverPaused(inline: false) } }
        case .end(let end):
            deadline?.cancel()
            deadline = nil
            let receiver = receiver
            self.receiver = nil
            receiver?.end(end)
        case .cancelPlugin(let reason):
            awaitEnd()
            unsafe table.cancel?(plugin.itself, call, reason.code)
        case .closeServices:
            closeServices()
        case .pauseServices:
            for exchange in exchanges { exchange.pause() }
        case .resume(let tellPlugin):
            if tellPlugin { unsafe table.resume?(plugin.itself, call) }
            if !state.withLock(\.isPaused) {
                for exchange in exchanges { exchange.resume() }
            }
        case .release:
            grace?.cancel()
            if !wasRefused { unsafe table.release?(plugin.itself, call) }
            forget()
        }
    }

    /// Says so in the log, once, if the plugin doesn't end the cancelled call.
    private func awaitEnd() {
        grace = loop.assumeIsolated().scheduleTask(in: limits.cancelGrace) {
            guard !self.state.withLock(\.pluginHasEnded) else { return }
            self.isOverdue = true
            self.plugin.overdue.add(1, ordering: .relaxed)
            self.plugin.logger.warning(
                "a plugin hasn't ended a cancelled call; its memory is kept until it does",
                metadata: ["grace": "\(self.limits.cancelGrace)"])
        }
    }

    private func closeServices() {
        for timer in timers { timer.end() }
        timers = []
        for exchange in exchanges { exchange.cancel() }
    }

    /// The call was refused: its exchanges end unheard.
    private func forgetServices() {
        for exchange in exchanges { exchange.mute() }
        closeServices()
    }

    /// The plugin has been stopped without ending the call: nobody will.
    func abandon() {
        _ = state.withLock {
            $0.settle(.failed(GatewayError(.cancelled, "The request was cancelled.")), cancel: .shutdown)
        }
        guard state.withLock({ $0.abandon() }) else { return }
        grace?.cancel()
        run()
        forgetServices()
        forget()
    }

    /// The plugin has let go of the call. The receiver may still have to read what it said.
    private func forget() {
        HostRegistry.shared.streams.remove(id)
        memory = nil
        deadline?.cancel()
        if isOverdue { plugin.overdue.subtract(1, ordering: .relaxed) }
        plugin.leave()
    }
}

// MARK: - [strand] Exchanges

extension StreamCall {
    /// Whether one more exchange is taken; true counts it.
    func admitExchange() -> Bool { state.withLock { $0.exchangeStarted() } }

    var isPaused: Bool { state.withLock(\.isPaused) }

    func exchangeEnded(_ exchange: HTTPExchange?) {
        exchanges.removeAll { $0 === exchange }
        if state.withLock({ $0.exchangeEnded() }) { wake() }
    }
}

// MARK: - ProviderCall

extension StreamCall: ProviderCall {
    func resume() {
        if state.withLock({ $0.receiverResumed() }) { wake() }
    }

    func cancel(_ reason: CancelReason) {
        settle(.failed(GatewayError(.cancelled, "The request was cancelled.")), cancel: reason)
    }
}

extension CancelReason {
    fileprivate var code: Int32 {
        switch self {
        case .clientGone, .requested: PBAY_CANCEL_CLIENT.code
        case .deadline: PBAY_CANCEL_DEADLINE.code
        case .shutdown: PBAY_CANCEL_SHUTDOWN.code
        case .limit: PBAY_CANCEL_LIMIT.code
        }
    }
}
