import CPatchbay
import Logging
import NIOCore
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

@Suite struct HookLifeTests {
    @Test func `a request is opened before its first visit and closed after its last`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("ok")
        #expect(bench.fixture.count("opens") == 1)
        #expect(bench.fixture.text("open") == "req_1 somebody \(PBAY_HOOKED_STREAM | PBAY_HOOKED_STORE)")
        #expect(bench.bench.host.plugins.first?.calls == 1)
        for _ in 0..<3 { #expect(try await session.visit().verdict == "proceed") }
        #expect(bench.fixture.count("closes") == 0)
        try await session.close()
        #expect(bench.fixture.count("closes") == 1)
        #expect(bench.bench.host.plugins.first?.calls == 0)
        try await session.close()
        #expect(bench.fixture.count("closes") == 1)
        #expect(try await session.visit().verdict == "failed the plugin is stopped")
        #expect(bench.fixture.count("visits") == 3)
        await bench.end()
    }

    @Test func `a request that isn't taken is none of the hook's business`() async throws {
        let bench = try await HookBench()
        let fault = await #expect(throws: HookFault.self) { try await bench.open("refuse=-2") }
        #expect(fault?.reason == "open failed with the code -2: not this one")
        #expect(bench.bench.host.plugins.first?.calls == 0)
        await bench.end(leaving: 1)
        #expect(bench.fixture.count("closes") == 0)
    }

    @Test func `a visit shows its point, flags and events, with all that they hold`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("ok|ok|ok|ok")
        _ = try await session.visit(HookVisit(.toolResult, round: 3))
        #expect(bench.fixture.text("visit") == "\(PBAY_POINT_TOOL_RESULT) 0 3")
        let events: [ProviderEvent] = [
            .text("a"), .refusal("b"), .reasoning("c"), .reasoningSummary(part: 2, "d"), .reasoningOpaque("e"),
            .toolCall(index: 7, id: "i", name: "n"), .arguments(index: 7, "{}"), .toolCallEnd(index: 7),
            .item(Array(#"{"type":"x"}"#.utf8)), .annotation(Array("{}".utf8)), .logprobs(Array("[]".utf8)), .partEnd,
            .itemEnd,
        ]
        _ = try await session.visit(HookVisit(.events, events: events, isLast: true, wasSent: true))
        #expect(
            bench.fixture.text("visit")
                == "16 3 0 [1 0 a  ] [2 0 b  ] [3 0 c  ] [4 2 d  ] [5 0 e  ] [6 7  i n] [7 7 {}  ] [8 7   ] "
                + #"[9 0 {"type":"x"}  ] [10 0 {}  ] [11 0 []  ] [12 0   ] [13 0   ]"#)
        // A large batch, and a small one after it.
        _ = try await session.visit(
            HookVisit(.events, events: Array(repeating: .text(String(repeating: "x", count: 1000)), count: 500)))
        _ = try await session.visit(HookVisit(.events, events: [.text("small")], isLast: true))
        #expect(bench.fixture.text("visit") == "16 1 0 [1 0 small  ]")
        try await session.close()
        await bench.end()
    }

    @Test func `a second verdict is refused, counted and logged`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("proceed reject=-2 events|replace={} ok|late proceed proceed")
        #expect(try await session.visit().verdict == "proceed")
        #expect(bench.fixture.answers == [0, PBAY_CLOSED, PBAY_CLOSED])
        #expect(bench.bench.host.plugins.first?.secondVerdicts == 2)
        // What visit has returned is a verdict too.
        #expect(try await session.visit().verdict == "replace {}")
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_CLOSED)
        #expect(bench.bench.host.plugins.first?.secondVerdicts == 3)
        let visit = try await session.visit()
        bench.fixture.go()
        #expect(try await visit.verdict == "proceed")
        await bench.fixture.reaches("answers", 6)
        #expect(bench.fixture.answers.suffix(2) == [0, PBAY_CLOSED])
        #expect(bench.bench.host.plugins.first?.secondVerdicts == 4)
        #expect(visit.verdicts == 1)
        try await session.close()
        let lines = bench.bench.log.lines.filter { $0.message.hasPrefix("a plugin gave more than one verdict") }
        #expect(lines.map(\.metadata["times"]) == ["1", "2", "4"])
        #expect(lines.allSatisfy { $0.metadata["plugin"] == "p" && $0.level == .warning })
        await bench.end()
    }

    @Test func `the number of a visit is nobody's in the next one`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("ok|defer|defer")
        _ = try await session.visit().verdict
        let first = bench.fixture.stream
        let second = try await session.visit()
        #expect(bench.fixture.stream != first)
        #expect(bench.fixture.push(first) == PBAY_CLOSED)
        #expect(second.isDeferred && second.verdicts == 0)
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_OK)
        #expect(try await second.verdict == "proceed")
        let last = try await session.visit()
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_OK)
        _ = try await last.verdict
        try await session.close()
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_CLOSED)
        #expect(bench.fixture.push(0) == PBAY_CLOSED)
        await bench.end()
    }

    @Test func `a cancelled visit still owes its verdict, which counts for nothing, and is closed after it`()
        async throws
    {
        let bench = try await HookBench()
        let session = try await bench.open("late emit=x doc reject=-2")
        let visit = try await session.visit(HookVisit(.request) { Array("{}".utf8) })
        try await session.cancel()
        try await session.cancel()
        try await session.close()
        try await bench.bench.settle()
        #expect(bench.fixture.count("cancels") == 1)
        #expect(bench.fixture.count("closes") == 0)
        #expect(visit.verdicts == 0)
        bench.fixture.go()
        #expect(try await visit.verdict == "proceed")
        await bench.fixture.reaches("closes", 1)
        #expect(bench.fixture.answers == [PBAY_CLOSED, PBAY_CLOSED, PBAY_CLOSED])
        #expect(bench.bench.host.plugins.first?.secondVerdicts == 0)
        await bench.end()
    }

    @Test func `a verdict may be given from inside of cancel`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("oncancel|ok")
        let visit = try await session.visit()
        try await session.cancel()
        #expect(try await visit.verdict == "proceed")
        #expect(bench.fixture.answers == [PBAY_CLOSED])
        #expect(try await session.visit().verdict == "proceed")
        try await session.close()
        await bench.end()
    }

    @Test func `nothing is visited while a verdict is owed`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("late proceed|ok")
        let visit = try await session.visit()
        try await session.cancel()
        #expect(try await session.visit().verdict == "failed it still owes the verdict of an earlier visit")
        bench.fixture.go()
        _ = try await visit.verdict
        #expect(try await session.visit().verdict == "proceed")
        #expect(bench.fixture.count("visits") == 2)
        try await session.close()
        await bench.end()
    }

    @Test func `a request that is closed while a verdict is owed is told of it`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("late proceed")
        let visit = try await session.visit()
        try await session.close()
        await bench.fixture.reaches("cancels", 1)
        bench.fixture.go()
        _ = try await visit.verdict
        await bench.fixture.reaches("closes", 1)
        await bench.end()
    }

    @Test func `a visit that is cancelled and stays without its verdict is logged and counted`() async throws {
        var settings = PluginHostSettings()
        settings.limits.cancelGrace = .milliseconds(1)
        let bench = try await HookBench([], settings)
        let session = try await bench.open("late proceed")
        let visit = try await session.visit()
        try await session.cancel()
        await eventually("it is overdue") { bench.bench.host.plugins.first?.overdueCalls == 1 }
        #expect(
            bench.bench.log.lines.contains {
                $0.message == "a plugin hasn't given the verdict of a visit that was cancelled"
            })
        bench.fixture.go()
        _ = try await visit.verdict
        try await session.close()
        #expect(bench.bench.host.plugins.first?.overdueCalls == 0)
        await bench.end()
    }
}
