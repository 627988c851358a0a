import CPatchbay
internal import Logging
internal import NIOCore
internal import PatchbayLifecycle
import Synchronization

/// One request at a plugin's hook: the lock around `VisitState`, and the hands that do what it says.
///
/// What a plugin may call from any thread touches `state` alone. All else belongs to the strand, the event loop `loop`;
/// with PBAY_HOOKS_MAY_BLOCK the thread that visits the plugin has `request`, `token`, `isOpened` and `memory` for as
/// long as the strand waits for it.
@safe final class HookCall: @unchecked Sendable {
    /// Of the visit that is under way or was the last: each has a number of its own.
    private(set) var id: UInt64
    let loop: any EventLoop
    private let shard: Int
    let plugin: PluginInstance
    let services: any HookServices
    let limits: StreamLimits
    private let table: HookTable
    let state = Mutex(VisitState())
    /// Held while a visit's document is made.
    let documents = Mutex(())

    /// Until the plugin's `open` has been called.
    private var request: HookedRequest?
    /// The plugin's own.
    private var token: UnsafeMutableRawPointer?
    private var isOpened = false
    private let memory = VisitMemory()

    // On the strand alone.
    private var later: ((HookVerdict) -> Void)?
    /// A visit has been begun, and the strand hasn't got its verdict.
    private var owes = false
    private var grace: Scheduled<Void>?
    private var isOverdue = false
    private var isClosing = false
    private var isOver = false
    /// The host calls the plugin no more.
    private var isRetired = false

    init(
        id: UInt64, shard: Int, plugin: PluginInstance, table: HookTable, limits: StreamLimits, request: HookedRequest
    ) {
        self.id = id
        self.shard = shard
        self.plugin = plugin
        self.table = table
        self.limits = limits
        self.request = request
        loop = request.strand
        services = request.services
    }

    /// On the strand, or on the thread that visits in its place.
    private func openIfNeeded() -> HookFault? {
        guard let request else { return nil }
        self.request = nil
        guard let open = unsafe table.open else {
            isOpened = true
            return nil
        }
        let report = unsafe request.withCRequest { request in
            unsafe PluginReport.of { error in unsafe open(plugin.itself, request, &token, error) }
        }
        isOpened = report == nil
        return report.map { HookFault("open", $0) }
    }

    /// Opens on the strand, before the first visit. A failure is the end of it.
    func openNow() throws(HookFault) {
        guard let fault = openIfNeeded() else { return }
        isOver = true
        forget()
        throw fault
    }
}

// MARK: - HookSession

extension HookCall: HookSession {
    func visit(_ visit: HookVisit, later: @escaping (HookVerdict) -> Void) -> HookVerdict? {
        guard !isClosing, !isRetired else { return .failed(HookFault("the plugin is stopped")) }
        guard !owes else { return .failed(HookFault("it still owes the verdict of an earlier visit")) }
        // A request that the plugin didn't take at its `open` is none of its business.
        guard isOpened || request != nil else { return .proceed }
        guard renew() else {
            return .failed(HookFault("too many requests are under way: the table of visits is full"))
        }
        guard state.withLock({ $0.begin(id, document: visit.document, waits: table.mayBlock) }) else {
            return .failed(HookFault("the plugin is stopped"))
        }
        memory.fill(visit, id: id)
        guard !table.mayBlock else { return visitOnThread(later) }
        switch visitNow() {
        case .verdict(let verdict): return verdict
        case .deferred:
            owes = true
            self.later = later
            return nil
        }
    }

    /// A new number for a new visit. False: there is none.
    private func renew() -> Bool {
        if let next = HostRegistry.shared.hookCalls.renew(id) {
            id = next
            return true
        }
        HostRegistry.shared.hookCalls.remove(id)
        return HostRegistry.shared.hookCalls.insert(shard: shard) { id in
            self.id = id
            return self
        } != nil
    }

    /// Visits the plugin, on the strand or on a thread in its place.
    @inline(__always)
    private func visitNow() -> VisitState.Returned {
        var error = pbay_error()
        error.size = pbay_error.abiSize
        let code = unsafe table.visit(plugin.itself, token, memory.pointer, &error)
        let answer: VisitState.Return
        switch code {
        case PBAY_OK.code: answer = .ok
        case PBAY_DEFER: answer = .deferred
        default: answer = .failed(Self.fault(code, error))
        }
        let (returned, hasAsks) = state.withLock { ($0.returned(answer), !$0.asks.isEmpty) }
        if hasAsks, case .verdict = returned { loop.execute { self.cancelAsks() } }
        return returned
    }

    @inline(never)
    private static func fault(_ code: Int32, _ error: pbay_error) -> HookFault {
        guard code < 0 else { return HookFault("visit answered \(code), which means nothing") }
        return HookFault("visit", PluginReport(error, code: code))
    }

    func cancel() {
        let (cancelled, id) = state.withLock { ($0.cancel(), $0.id) }
        switch cancelled {
        case .nothing: return
        case .tell: loop.execute { self.tellCancel(id) }
        case .wait: break
        }
        loop.execute { self.cancelAsks() }
        awaitVerdict()
    }

    func close() {
        guard !isClosing else { return }
        isClosing = true
        if owes { cancel() }
        closeIfDone()
    }
}

// MARK: - [may-block]

extension HookCall {
    private func visitOnThread(_ later: @escaping (HookVerdict) -> Void) -> HookVerdict? {
        owes = true
        self.later = later
        if plugin.workers.run({ self.visitForStrand() }) { return nil }
        owes = false
        self.later = nil
        _ = state.withLock { $0.returned(.ok) }
        return .failed(HookFault("too many of its visits wait for a thread"))
    }

    private func visitForStrand() {
        guard state.withLock({ $0.start() }) else { return hand(.proceed) }
        if let fault = openIfNeeded() {
            _ = state.withLock { $0.returned(.failed(fault)) }
            return hand(.failed(fault))
        }
        switch visitNow() {
        case .verdict(let verdict): hand(verdict)
        case .deferred(let cancel):
            guard cancel else { return }
            let id = state.withLock(\.id)
            loop.execute { self.tellCancel(id) }
        }
    }

    /// Gives the strand the verdict.
    func hand(_ verdict: HookVerdict) {
        loop.execute { self.deliver(verdict) }
    }
}

// MARK: - [strand]

extension HookCall {
    private func deliver(_ verdict: HookVerdict) {
        // It may have been given up by the host.
        guard owes, !isOver else { return }
        owes = false
        endGrace()
        cancelAsks()
        settle(verdict)
        closeIfDone()
    }

    /// Tells who waits.
    private func settle(_ verdict: HookVerdict) {
        guard let later else { return }
        self.later = nil
        later(verdict)
    }

    private func tellCancel(_ visit: UInt64) {
        guard !isRetired, state.withLock({ $0.id == visit && $0.isOwed }), let cancel = unsafe table.cancel else {
            return
        }
        unsafe cancel(plugin.itself, token, visit)
    }

    /// Answers all questions that nobody waits for.
    private func cancelAsks() {
        for ask in state.withLock(\.asks) {
            ask.end(.failure(.cancelled))
        }
    }

    func ended(_ ask: HookAsk) {
        state.withLock { $0.remove(ask) }
        closeIfDone()
    }

    private func closeIfDone() {
        guard isClosing, !owes, !isOver, !isRetired else { return }
        guard state.withLock(\.asks.isEmpty) else { return loop.execute { self.cancelAsks() } }
        isOver = true
        guard isOpened, let close = unsafe table.close else { return forget() }
        guard table.mayBlock else {
            unsafe close(plugin.itself, token)
            return forget()
        }
        _ = plugin.workers.run(isOwed: true) {
            unsafe close(self.plugin.itself, self.token)
            self.loop.execute { self.forget() }
        }
    }

    /// Says so in the log, once, if the plugin doesn't give the verdict of the cancelled visit.
    private func awaitVerdict() {
        grace = loop.assumeIsolated().scheduleTask(in: limits.cancelGrace) {
            guard self.owes else { return }
            self.isOverdue = true
            self.plugin.overdue.add(1, ordering: .relaxed)
            self.plugin.logger.warning(
                "a plugin hasn't given the verdict of a visit that was cancelled",
                metadata: ["grace": "\(self.limits.cancelGrace)"])
        }
    }

    private func endGrace() {
        grace?.cancel()
        grace = nil
        if isOverdue { plugin.overdue.subtract(1, ordering: .relaxed) }
        isOverdue = false
    }

    private func forget() {
        HostRegistry.shared.hookCalls.remove(id)
        endGrace()
        plugin.leave()
    }
}

// MARK: - [strand] The plugin's end

extension HookCall {
    /// The plugin is to be stopped: nobody waits for what it has deferred.
    func shutDown() {
        guard owes else { return }
        cancel()
        settle(.failed(HookFault("the plugin is being stopped")))
    }

    /// From now on the plugin isn't called. What it was lent stays where it is.
    func retire() {
        guard !isOver, !isRetired else { return }
        cancelAsks()
        isRetired = true
        state.withLock { $0.retire() }
        settle(.failed(HookFault("the plugin is stopped")))
    }

    /// The plugin has been stopped without giving back what it had.
    func abandon() {
        guard !isOver else { return }
        isOver = true
        forget()
    }
}
