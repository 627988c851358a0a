import CPatchbay
import Logging
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct ServiceTests {
    @Test func `a timer fires on the strand, and a cancelled one doesn't`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("s untimer=1 timer=5")
        try await eventually("the timer fires") { try await call.with { $0.text } == "tick" }
        #expect(fixture.answers == [0, 0, PBAY_CLOSED, 0, 0])
        try await call.with { $0.call?.cancel(.clientGone) }
        _ = try await call.outcome
        await bench.host.stop()
    }

    @Test func `a stream's end ends its timers`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s timer=1000000 finish")
        #expect(outcome.text == "")
        await fixture.reaches("releases", 1)
        try await bench.settle()
        #expect(HostRegistry.shared.timers.all.allSatisfy { $0.stream.plugin.image.path != fixture.path })
        await bench.host.stop()
    }

    @Test func `a stream's timers are bounded`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let script = Array(repeating: "timer=1000000", count: StreamTimer.maxPerStream + 1).joined(separator: " ")
        _ = try await bench.run("s \(script) finish")
        #expect(fixture.answers.filter { $0 == PBAY_EOVERLOADED }.count == 1)
        await bench.host.stop()
    }

    @Test func `a plugin's log lines carry its name, cut and repaired`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let made = try #require(bench.log.lines.first { $0.message == "made" })
        #expect(made.level == .info)
        #expect(made.metadata["plugin"] == "p")
        let large = try #require(bench.log.lines.first { $0.level == .warning })
        #expect(large.message.hasPrefix("a\u{FFFD}ä"))
        #expect(large.message.utf8.count <= 4096)
        #expect(large.message.utf8.count > 4090)
        #expect(large.message.last == "ä")
        #expect(!bench.log.lines.contains { $0.message == "nobody's" })
        await bench.host.stop()
    }
}
