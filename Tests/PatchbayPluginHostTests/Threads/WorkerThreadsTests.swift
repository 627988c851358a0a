import Foundation
import Glibc
import NIOCore
import Synchronization
import Testing

@testable import PatchbayPluginHost

@Suite struct WorkerThreadsTests {
    /// A job that ends when it is let go.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)
        let entered = Atomic<Int>(0)

        func wait() {
            entered.add(1, ordering: .relaxed)
            while !isOpen.withLock({ $0 }) { usleep(200) }
        }

        func open() { isOpen.withLock { $0 = true } }

        func isEntered(_ count: Int) async {
            await eventually("\(count) jobs run") { entered.load(ordering: .relaxed) == count }
        }
    }

    @Test func `a job runs on a thread of the pool's name`() async {
        let threads = WorkerThreads(name: "patchbay-worker-name")
        let name: String = await withCheckedContinuation { continuation in
            let taken = threads.run {
                continuation.resume(
                    returning: (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? "")
            }
            #expect(taken)
        }
        #expect(name == "patchbay-worker\n")
    }

    @Test func `jobs run at the same time up to the maximum, others wait, and more than may wait are refused`() async {
        let threads = WorkerThreads(name: "t", maxThreads: 2, maxWaiting: 3)
        let gate = Gate()
        for _ in 0..<5 { #expect(threads.run { gate.wait() }) }
        await gate.isEntered(2)
        #expect(threads.threadCount == 2)
        #expect(threads.runningCount == 2)
        #expect(threads.waitingCount == 3)
        #expect(!threads.run {})
        #expect(threads.run(isOwed: true) { gate.wait() })
        gate.open()
        await gate.isEntered(6)
        #expect(threads.threadCount <= 2)
    }

    @Test func `a job that hangs occupies its thread and nothing else`() async {
        let threads = WorkerThreads(name: "t", maxThreads: 2)
        let gate = Gate()
        #expect(threads.run { gate.wait() })
        await gate.isEntered(1)
        let done = Atomic<Int>(0)
        for _ in 0..<100 { #expect(threads.run { done.add(1, ordering: .relaxed) }) }
        await eventually("the others have run") { done.load(ordering: .relaxed) == 100 }
        #expect(threads.runningCount >= 1)
        gate.open()
    }

    @Test func `jobs that wait are run in their order`() async {
        let threads = WorkerThreads(name: "t", maxThreads: 1, maxWaiting: 5000)
        let gate = Gate()
        let seen = Mutex<[Int]>([])
        #expect(threads.run { gate.wait() })
        for number in 0..<3000 { #expect(threads.run { seen.withLock { $0.append(number) } }) }
        gate.open()
        await eventually("all have run") { seen.withLock { $0.count } == 3000 }
        #expect(seen.withLock { $0 } == Array(0..<3000))
    }

    @Test func `a thread without a job ends, and another is made when it is needed`() async {
        let threads = WorkerThreads(name: "t", idleLimit: .milliseconds(1))
        for round in 1...20 {
            let done = Atomic<Int>(0)
            for _ in 0..<4 { #expect(threads.run { done.add(1, ordering: .relaxed) }) }
            await eventually("round \(round) has run") { done.load(ordering: .relaxed) == 4 }
            await eventually("no thread is left in round \(round)") { threads.threadCount == 0 }
        }
    }

    @Test func `an idle thread is used again`() async {
        let threads = WorkerThreads(name: "t", idleLimit: .hours(1))
        let ids = Mutex<Set<UInt>>([])
        for number in 1...50 {
            let done = Atomic<Bool>(false)
            #expect(
                threads.run {
                    ids.withLock { _ = $0.insert(UInt(pthread_self())) }
                    done.store(true, ordering: .releasing)
                })
            await eventually("job \(number) has run and its thread rests") {
                done.load(ordering: .acquiring) && threads.runningCount == 0
            }
        }
        #expect(ids.withLock { $0.count } == 1)
        #expect(threads.threadCount == 1)
        threads.close()
        #expect(threads.threadCount == 0)
    }

    @Test func `closed threads still do what is asked, and end then`() async {
        let threads = WorkerThreads(name: "t", idleLimit: .hours(1))
        threads.close()
        let done = Atomic<Int>(0)
        for _ in 0..<10 { #expect(threads.run { done.add(1, ordering: .relaxed) }) }
        await eventually("they have run") { done.load(ordering: .relaxed) == 10 }
        await eventually("the threads have ended") { threads.threadCount == 0 }
    }

    @Test func `no job is lost or run twice however threads come and go`() async {
        let threads = WorkerThreads(name: "t", maxThreads: 4, maxWaiting: 100_000, idleLimit: .microseconds(1))
        let runs = (0..<20_000).map { _ in Counter() }
        for counter in runs {
            #expect(threads.run { counter.count.add(1, ordering: .relaxed) })
        }
        await eventually("all have run") { runs.allSatisfy { $0.count.load(ordering: .relaxed) >= 1 } }
        #expect(runs.allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
    }

    private final class Counter: Sendable {
        let count = Atomic<Int>(0)
    }
}
