import NIOCore
import PatchbayModel

/// One hook at one request: its session, which is opened at the first visit, and the visit that is under way. Confined
/// to the request's strand.
final class HookSeat: @unchecked Sendable {
    let entry: HookEntry
    private var session: (any HookSession)?
    /// Nobody visits it any more: it couldn't be opened, or is closed.
    private var isShut = false
    /// The number of the last visit that was deferred.
    private var number = 0
    /// Who waits for that visit's verdict.
    private var waiter: (any HookWaiter)?
    /// That visit's verdict has not come, and nobody waits for it.
    private var isOwing = false
    private var timer: Scheduled<Void>?

    init(_ entry: HookEntry) {
        self.entry = entry
    }

    /// Whether the request has come to this hook.
    var isOpen: Bool { session != nil }

    /// Whether it is to be visited at a point. One that still owes a verdict isn't: its visits come one after another.
    func sees(_ point: HookPoint) -> Bool {
        !isShut && !isOwing && entry.hook.interest.contains(point)
    }

    /// Visits the hook. Nil: it has deferred its verdict, and `waiter` is told once how that ended, on the strand and
    /// not before this has returned.
    func visit(_ visit: HookVisit, of request: HookedRequest, waiter: any HookWaiter) -> HookOutcome? {
        let start = NIODeadline.now()
        entry.counts.countVisit()
        let session: any HookSession
        do throws(HookFault) {
            session = try opened(request)
        } catch {
            isShut = true
            return .verdict(.failed(error))
        }
        number += 1
        let verdict = session.visit(visit) { [number] in self.arrived($0, number) }
        let spent = NIODeadline.now() - start
        guard spent <= entry.budget else {
            guard verdict == nil else { return .late }
            isOwing = true
            session.cancel()
            return .late
        }
        if let verdict { return .verdict(verdict) }
        self.waiter = waiter
        timer = request.strand.scheduleTask(in: entry.budget - spent) { self.giveUp(.late) }
        return nil
    }

    /// The verdict that is waited for, if one is, isn't any more.
    func cancel() {
        giveUp(.cancelled)
    }

    /// The last that the hook hears of the request.
    func close() {
        isShut = true
        session?.close()
        session = nil
    }

    private func opened(_ request: HookedRequest) throws(HookFault) -> any HookSession {
        if let session { return session }
        let session = try entry.hook.open(request)
        self.session = session
        return session
    }

    private func arrived(_ verdict: HookVerdict, _ number: Int) {
        guard number == self.number else { return }
        isOwing = false
        tell(.verdict(verdict))
    }

    private func giveUp(_ outcome: HookOutcome) {
        guard waiter != nil else { return }
        isOwing = true
        session?.cancel()
        tell(outcome)
    }

    private func tell(_ outcome: HookOutcome) {
        timer?.cancel()
        timer = nil
        let waiter = self.waiter
        self.waiter = nil
        waiter?.hasEnded(outcome)
    }
}

/// Who waits for a deferred verdict.
protocol HookWaiter: AnyObject {
    func hasEnded(_ outcome: HookOutcome)
}

/// How a visit ended.
enum HookOutcome {
    case verdict(HookVerdict)
    /// It took longer than the hook's budget.
    case late
    /// The request was given up meanwhile.
    case cancelled
}
