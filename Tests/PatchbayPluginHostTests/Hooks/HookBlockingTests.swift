import CPatchbay
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

/// Hooks with PBAY_HOOKS_MAY_BLOCK.
@Suite struct HookBlockingTests {
    @Test func `a hook that blocks holds up neither its strand nor other requests`() async throws {
        let bench = try await HookBench(["FLAGS=1"])
        let session = try await bench.open("block replace={}")
        let visit = try await session.visit()
        #expect(visit.isDeferred)
        await bench.fixture.reaches("visits", 1)
        for _ in 0..<20 { #expect(try await bench.run("replace=[]") == "replace []") }
        #expect(visit.verdicts == 0)
        bench.fixture.go()
        #expect(try await visit.verdict == "replace {}")
        try await session.close()
        await bench.fixture.reaches("closes", 21)
        await bench.end()
    }

    @Test func `a cancel waits until the hook has deferred, and isn't told where it never does`() async throws {
        let bench = try await HookBench(["FLAGS=1"])
        let session = try await bench.open("block proceed|block oncancel")
        let first = try await session.visit()
        await bench.fixture.reaches("visits", 1)
        try await session.cancel()
        bench.fixture.go()
        #expect(try await first.verdict == "proceed")
        #expect(bench.fixture.answers == [PBAY_CLOSED])
        #expect(bench.fixture.count("cancels") == 0)
        let second = try await session.visit()
        await bench.fixture.reaches("visits", 2)
        try await session.cancel()
        bench.fixture.go()
        #expect(try await second.verdict == "proceed")
        #expect(bench.fixture.count("cancels") == 1)
        try await session.close()
        await bench.fixture.reaches("closes", 1)
        await bench.end()
    }

    @Test func `visits beyond the threads wait, and beyond the queue fail`() async throws {
        let bench = try await HookBench(["FLAGS=1"], PluginHostSettings(maxWorkers: 1, maxWaitingCalls: 1))
        var sessions: [HookBench.Session] = []
        for _ in 0..<3 { sessions.append(try await bench.open("block replace={}")) }
        let first = try await sessions[0].visit()
        await bench.fixture.reaches("visits", 1)
        let second = try await sessions[1].visit()
        #expect(try await sessions[2].visit().verdict == "failed too many of its visits wait for a thread")
        // The one that waits isn't begun when nobody wants it any more.
        try await sessions[1].cancel()
        bench.fixture.go()
        #expect(try await first.verdict == "replace {}")
        #expect(try await second.verdict == "proceed")
        #expect(bench.fixture.count("visits") == 1)
        bench.fixture.go()
        #expect(try await sessions[2].visit().verdict == "replace {}")
        for session in sessions { try await session.close() }
        await bench.fixture.reaches("closes", 2)
        // The second was never opened, and isn't closed.
        #expect(bench.fixture.count("opens") == 2)
        await bench.end()
    }

    @Test func `a request that isn't taken fails once, and is none of the hook's business then`() async throws {
        let bench = try await HookBench(["FLAGS=1"])
        let session = try await bench.open("refuse=-2")
        #expect(try await session.visit().verdict == "failed open failed with the code -2: not this one")
        #expect(try await session.visit().verdict == "proceed")
        try await session.close()
        #expect(bench.fixture.count("visits") == 0)
        await bench.end(leaving: 1)
    }

    @Test func `a request that is never visited is never opened`() async throws {
        let bench = try await HookBench(["FLAGS=1"])
        let session = try await bench.open("ok")
        try await session.close()
        await bench.end()
        #expect(bench.fixture.count("opens") == 0)
    }
}
