import Logging
import NIOCore
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

@Suite struct HookStoppingTests {
    private static let hasty = PluginHostSettings(stopTimeout: .milliseconds(500))

    @Test func `a stop ends what is deferred, and waits for the verdict`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("oncancel")
        let visit = try await session.visit()
        async let stopped: Void = bench.bench.host.stop()
        #expect(try await visit.verdict == "failed the plugin is being stopped")
        try await session.close()
        await stopped
        #expect(visit.verdicts == 1)
        #expect(bench.fixture.count("closes") == 1)
        #expect(!bench.bench.log.lines.contains { $0.level >= .warning })
        await bench.end()
    }

    @Test func `a hook that never answers is reported, stopped and let go of`() async throws {
        let bench = try await HookBench([], Self.hasty)
        let session = try await bench.open("defer")
        let visit = try await session.visit()
        await bench.bench.host.stop()
        #expect(try await visit.verdict == "failed the plugin is being stopped")
        #expect(visit.verdicts == 1)
        #expect(bench.fixture.count("stops") == 1)
        let line = bench.bench.log.lines.first {
            $0.message == "a plugin still holds calls and is stopped all the same"
        }
        #expect(line?.metadata["calls"] == "1")
        // Nothing of it is called any more, and it can do nothing.
        try await session.close()
        #expect(bench.fixture.push(bench.fixture.stream) == -1)
        await bench.end(leaving: 1)
    }

    @Test func `a request that is open holds up the stop until it is closed`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("ok|ok")
        _ = try await session.visit().verdict
        async let stopped: Void = bench.bench.host.stop()
        await eventually("the plugin takes no more") {
            guard let other = try? await bench.open("ok") else { return true }
            try? await other.close()
            return false
        }
        #expect(try await session.visit().verdict == "proceed")
        #expect(bench.fixture.count("stops") == 0)
        try await session.close()
        await stopped
        #expect(bench.fixture.count("closes") == bench.fixture.count("opens"))
    }

    @Test func `a stopped hook takes no requests`() async throws {
        let bench = try await HookBench()
        let hook = try bench.bench.host.hook(named: "p")
        await bench.bench.host.stop()
        let (loop, services) = (bench.bench.loop, bench.services)
        let fault = await #expect(throws: HookFault.self) {
            try await loop.submit {
                _ = try hook.open(
                    HookedRequest(
                        id: "r", owner: "", model: "ok", isStreamed: false, isBackground: false, isStored: false,
                        strand: loop, services: services))
            }.get()
        }
        #expect(fault?.reason == "the plugin is stopped")
        #expect(bench.fixture.count("opens") == 0)
    }

    @Test func `a plugin that hangs in visit is left behind, and the request is told`() async throws {
        let bench = try await HookBench(["FLAGS=1"], Self.hasty)
        let session = try await bench.open("block proceed")
        let visit = try await session.visit()
        await bench.fixture.reaches("visits", 1)
        await bench.bench.host.stop()
        #expect(try await visit.verdict == "failed the plugin is being stopped")
        #expect(bench.fixture.count("stops") == 0)
        let line = bench.bench.log.lines.first { $0.message == "a plugin hangs and is left behind" }
        #expect(line?.metadata["function"] == "visit")
        #expect(line?.metadata["threads"] == "1")
        bench.fixture.go()
        await bench.fixture.reaches("answers", 1)
        #expect(bench.fixture.answers == [-1])
        #expect(visit.verdicts == 1)
        #expect(bench.fixture.count("closes") == 0)
    }
}
