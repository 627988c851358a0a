import Logging
import NIOCore
import PatchbayModel

/// The visits of one request's hooks, in the order of its points. Nil where no hook is configured. Confined to the
/// request's strand.
///
/// Each point has a function of its own in an extension. One that throws ends the request with what it throws: a
/// rejection, or the failure of a hook that is `fail_closed`.
final class HookRun: @unchecked Sendable {
    let gateway: Gateway
    /// Whose visits are cancelled when it is.
    private(set) var exchange: Exchange
    let hooked: HookedRequest
    let services: RequestServices
    let seats: [HookSeat]
    /// The points that any of the hooks asked for.
    private let points: UInt32
    /// What is said in answer passes the hooks before this one.
    private(set) var reach: Int
    /// How many hooks the request has come to; besides, it has come to those that are open.
    private(set) var reached = 0
    /// An answer that was given before there was anybody to ask.
    private(set) var planned: HookAnswer?
    /// How often tools have been run for this answer.
    var round = 0
    /// What is made of the answer; nil while nothing is.
    var run: ProviderRun?
    /// How often a hook has said whom to ask next.
    var detours = 0
    /// The request has ended.
    private(set) var isOver = false
    private var waiter: CheckedContinuation<HookOutcome, Never>?
    private var outcome: HookOutcome?
    /// The seat whose verdict is waited for.
    private var visited: HookSeat?
    /// Who is told of a cancellation besides.
    private var before: (any ProviderCall)?
    private var isTaken = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    init?(_ gateway: Gateway, _ request: Request, in exchange: Exchange) {
        guard !gateway.hooks.isEmpty else { return nil }
        self.gateway = gateway
        self.exchange = exchange
        services = RequestServices(gateway: gateway, exchange: exchange)
        hooked = HookedRequest(
            id: exchange.id, owner: exchange.ownerDigest, model: request.model, isStreamed: request.stream,
            isBackground: request.background, isStored: request.store && gateway.store != nil, strand: exchange.strand,
            services: services)
        seats = gateway.hooks.map(HookSeat.init)
        points = gateway.hooks.reduce(0) { $0 | $1.hook.interest.points }
        reach = seats.count
    }

    /// From now on the request is answered in another exchange, of the same strand.
    func move(to exchange: Exchange) {
        self.exchange = exchange
    }

    /// Whether the client has been told of the answer.
    var wasSent: Bool { run?.hasBegun ?? false }

    /// Whether any hook asked for this point. Where none did, nothing is made for it.
    func isAwaited(_ point: HookPoint) -> Bool { points & (1 << point.rawValue) != 0 }

    /// The request has come to a hook.
    func reach(seat index: Int) {
        reached = max(reached, index + 1)
    }

    /// A hook has answered in the provider's place: the request has come to no other.
    func answered(by index: Int) {
        reach = index
        reached = index + 1
    }

    /// The same before there was anybody to ask.
    func plan(_ answer: HookAnswer, by index: Int) {
        answered(by: index)
        planned = answer
    }

    func takePlanned() -> HookAnswer? {
        defer { planned = nil }
        return planned
    }

    /// A provider is to be asked: the request has come to all hooks, and what is said passes all.
    func beginAsking() {
        (reach, reached) = (seats.count, seats.count)
    }

    /// The hooks of the response side that the request has come to, in their order.
    var passed: [HookSeat] {
        seats.enumerated().reversed().filter { $0.offset < reached || $0.element.isOpen }.map(\.element)
    }

    /// Closes the hooks. To be called once, when the request has ended.
    func close() {
        isOver = true
        run = nil
        services.end()
        for seat in seats { seat.close() }
    }

    // MARK: Visiting

    /// Visits a hook, and returns its verdict: `.proceed` where it failed and that doesn't matter. Throws a rejection
    /// and a failure that matters, and `.cancelled` where the client went away meanwhile.
    func verdict(of seat: HookSeat, _ visit: HookVisit) async throws(GatewayError) -> HookVerdict {
        if let outcome = seat.visit(visit, of: hooked, waiter: self) {
            return try judge(outcome, of: seat, at: visit.point)
        }
        return try judge(await deferred(by: seat, isCancellable: true), of: seat, at: visit.point)
    }

    /// What the end of a visit means, but for what the point makes of it.
    func judge(_ outcome: HookOutcome, of seat: HookSeat, at point: HookPoint) throws(GatewayError) -> HookVerdict {
        switch outcome {
        case .verdict(.failed(let fault)):
            try failed(seat, at: point, fault.reason)
        case .late:
            services.cancelAsking()
            try failed(seat, at: point, "it took longer than its budget", isLate: true)
        case .verdict(.reject(let error)):
            throw rejected(seat, at: point, error)
        case .verdict(let verdict):
            return verdict
        case .cancelled:
            throw Self.givenUp
        }
        return .proceed
    }

    static var givenUp: GatewayError {
        GatewayError(.cancelled, "The request was ended while a hook had it.")
    }

    /// A hook has failed. Throws where the request ends with that.
    func failed(_ seat: HookSeat, at point: HookPoint, _ reason: String, isLate: Bool = false) throws(GatewayError) {
        report(seat, at: point, reason, isLate: isLate)
        guard seat.entry.onError == .failClosed else { return }
        throw isLate
            ? GatewayError(
                .timeout, "A hook of this server took too long over the request. Try again.", code: "hook_timeout")
            : GatewayError(
                .internal, "A hook of this server failed at the request. Its log says which and why.",
                code: "hook_failed")
    }

    /// Counts a failure, and tells the operator of it.
    func report(_ seat: HookSeat, at point: HookPoint, _ reason: String, isLate: Bool = false) {
        if isLate { seat.entry.counts.countTimeout() } else { seat.entry.counts.countFailure() }
        gateway.logger.warning(
            "a hook failed",
            metadata: [
                "request_id": "\(hooked.id)", "hook": "\(seat.entry.hook.name)", "point": "\(point.name)",
                "reason": "\(reason)", "on_error": "\(seat.entry.onError.rawValue)",
            ])
    }

    private func rejected(_ seat: HookSeat, at point: HookPoint, _ error: GatewayError) -> GatewayError {
        seat.entry.counts.countRejection()
        var error = error
        if error.code == nil { error.code = "request_rejected" }
        gateway.logger.info(
            "a hook rejected a request",
            metadata: [
                "request_id": "\(hooked.id)", "hook": "\(seat.entry.hook.name)", "point": "\(point.name)",
                "code": "\(error.code ?? "")", "detail": "\(error.detail ?? "")",
            ])
        return error
    }

    /// Waits for the verdict of a visit that was deferred. What can't be cancelled has its budget alone.
    @inline(never)
    func deferred(by seat: HookSeat, isCancellable: Bool) async -> HookOutcome {
        guard isCancellable else { return await arrival() }
        visited = seat
        before = exchange.put(inFront: self)
        let outcome = await arrival()
        exchange.giveBack(before)
        (visited, before) = (nil, nil)
        return outcome
    }

    private func arrival() async -> HookOutcome {
        if outcome == nil {
            let outcome = await withCheckedContinuation { waiter = $0 }
            return outcome
        }
        defer { outcome = nil }
        return outcome ?? .cancelled
    }

    // MARK: One after another

    /// Returns when no other visit of the request is under way; for points at which several may come at a time.
    /// `giveTurn` follows.
    func takeTurn() async {
        if isTaken { return await withCheckedContinuation { queue.append($0) } }
        isTaken = true
    }

    func giveTurn() {
        if queue.isEmpty { isTaken = false } else { queue.removeFirst().resume() }
    }
}

extension HookRun: HookWaiter {
    func hasEnded(_ outcome: HookOutcome) {
        guard let waiter else {
            self.outcome = outcome
            return
        }
        self.waiter = nil
        waiter.resume(returning: outcome)
    }
}

/// The exchange's, while a verdict is waited for.
extension HookRun: ProviderCall {
    func resume() {
        before?.resume()
    }

    func cancel(_ reason: CancelReason) {
        services.cancelAsking()
        visited?.cancel()
        before?.cancel(reason)
    }
}
