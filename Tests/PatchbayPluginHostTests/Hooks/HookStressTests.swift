import NIOCore
import NIOPosix
import PatchbayLifecycle
import PatchbayUpstream
import Synchronization
import Testing

@testable import PatchbayPluginHost

/// Requests on two event loops at a hook whose four threads give verdicts, several of them and of the wrong visits, and
/// ask for what they can, while the requests cancel and close at random.
@Suite struct HookStressTests {
    private static let visits = 100_000
    private static let requests = 250

    @Test(arguments: ["FLAGS=0", "FLAGS=1"])
    func `each visit has exactly one verdict, whatever threads do`(_ flags: String) async throws {
        let bench = try await HookBench(["STRESS_THREADS=4", flags])
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hook = try bench.bench.host.hook(named: "p")
        let ledger = Ledger()
        for number in 0..<Self.requests {
            let loop = group.next()
            loop.execute {
                StressRequest(hook, on: loop, ledger: ledger, visits: Self.visits / Self.requests, seed: number).open()
            }
        }
        await eventually("all requests have ended") {
            ledger.closed.load(ordering: .acquiring) == Self.requests && bench.bench.host.plugins.first?.calls == 0
        }
        #expect(ledger.violations.withLock { $0 } == [])
        #expect(ledger.deferring.load(ordering: .acquiring) > Self.visits / 2)
        let (oks, deferring) = (bench.fixture.count("oks"), ledger.deferring.load(ordering: .acquiring))
        #expect(oks <= deferring)
        #expect(oks >= deferring - ledger.cancelled.load(ordering: .acquiring))
        #expect(oks > 0)
        await bench.end()
        try await group.shutdownGracefully()
    }
}

private final class Ledger: Sendable {
    let closed = Atomic<Int>(0)
    let deferring = Atomic<Int>(0)
    let cancelled = Atomic<Int>(0)
    let violations = Mutex<[String]>([])

    func violated(_ what: String) { violations.withLock { if $0.count < 10 { $0.append(what) } } }
}

/// One request, on its strand.
private final class StressRequest: @unchecked Sendable {
    private let hook: any Hook
    private let loop: any EventLoop
    private let ledger: Ledger
    private var left: Int
    private var random: Seeded
    private var session: (any HookSession)?
    private var number = 0
    private var verdicts: [Int] = []

    init(_ hook: any Hook, on loop: any EventLoop, ledger: Ledger, visits: Int, seed: Int) {
        self.hook = hook
        self.loop = loop
        self.ledger = ledger
        left = visits
        random = Seeded(state: UInt64(seed + 1))
    }

    func open() {
        let request = HookedRequest(
            id: "r", owner: "o", model: "stress", isStreamed: true, isBackground: false, isStored: false, strand: loop,
            services: HookServicesBook())
        do throws(HookFault) {
            session = try hook.open(request)
        } catch {
            ledger.violated(error.reason)
        }
        next()
    }

    private func next() {
        guard left > 0, let session else { return close() }
        left -= 1
        number += 1
        verdicts.append(0)
        let visit = number
        // The fixture defers in all rounds but each eighth.
        let defers = visit % 8 != 0
        if defers { ledger.deferring.add(1, ordering: .relaxed) }
        var isInside = true
        let verdict = session.visit(
            HookVisit(.events, events: [.text("\(visit)")], round: visit) { Array("{}".utf8) },
            later: { _ in
                if isInside || !self.loop.inEventLoop { self.ledger.violated("later out of place") }
                self.took(visit)
            })
        isInside = false
        if verdict != nil { return loop.execute { self.took(visit) } }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        let turns = Int.random(in: 0..<3, using: &random)
        cancel(visit, after: turns)
    }

    private func cancel(_ visit: Int, after turns: Int) {
        if turns > 0 { return loop.execute { self.cancel(visit, after: turns - 1) } }
        guard visit == number, verdicts[visit - 1] == 0 else { return }
        if visit % 8 != 0 { ledger.cancelled.add(1, ordering: .relaxed) }
        session?.cancel()
        // Some go while the verdict is owed.
        if left == 0 { close() }
    }

    private func took(_ visit: Int) {
        verdicts[visit - 1] += 1
        if verdicts[visit - 1] > 1 { ledger.violated("a second verdict reached the strand") }
        if visit != number { ledger.violated("a verdict of another visit") }
        if session != nil { next() }
        if session == nil, verdicts.contains(0) == false { ledger.closed.add(1, ordering: .acquiringAndReleasing) }
    }

    private func close() {
        session?.close()
        session = nil
    }
}
