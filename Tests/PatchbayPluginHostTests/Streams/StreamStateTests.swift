import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct StreamStateTests {
    /// A million random steps over streams in every order of begin, push, pause, resume, cancel, deadline, finish,
    /// exchanges and turns of the strand.
    @Test func `every accepted call ends exactly once, whatever happens`() {
        var random = Seeded(state: 0x5EED)
        var steps = 0
        var lives = 0
        while steps < 1_000_000 {
            var driver = StreamDriver()
            let length = Int.random(in: 1...120, using: &random)
            for _ in 0..<length { driver.step(&random) }
            driver.conclude()
            steps += driver.steps
            lives += 1
            guard driver.violations.isEmpty else {
                Issue.record("life \(lives): \(driver.violations)")
                return
            }
        }
        #expect(lives > 1000)
    }

    @Test func `a burst wakes the strand once`() {
        var state = StreamState(limits: StreamLimits())
        let isWoken = state.begun()
        #expect(!isWoken)
        var wakes = 0
        for _ in 0..<100 {
            if case .queued(_, let wake) = state.push(.text("a"), bytes: 1, onStrand: false), wake { wakes += 1 }
        }
        #expect(wakes == 1)
    }

    @Test func `what waits is bounded, however small the events`() {
        let limits = StreamLimits(softCapBytes: 1 << 10, hardCapBytes: 4 << 10)
        var state = StreamState(limits: limits)
        _ = state.begun()
        var taken = 0
        while case .queued = state.push(.partEnd, bytes: 0, onStrand: false) { taken += 1 }
        #expect(taken == limits.hardCapBytes / EventQueue.overhead)
        #expect(!state.isOpen)
    }

    @Test func `a tool call's index is begun once, used while open, ended once`() {
        func verdict(_ events: [ProviderEvent]) -> StreamState.Push {
            var state = StreamState(limits: StreamLimits(maxToolCalls: 2))
            _ = state.begun()
            var last = StreamState.Push.closed
            for event in events { last = state.push(event, bytes: 1, onStrand: true) }
            return last
        }
        let unknown = StreamState.Push.refused(.malformed("an unknown tool call index"), wake: true)
        func call(_ index: Int) -> ProviderEvent { .toolCall(index: index, id: "", name: "f") }
        #expect(verdict([call(3), .arguments(index: 3, "{"), call(5), .arguments(index: 3, "}")]) == .deliver)
        #expect(verdict([.arguments(index: 0, "{")]) == unknown)
        #expect(verdict([call(0), call(0)]) == unknown)
        #expect(verdict([call(0), .toolCallEnd(index: 0), .arguments(index: 0, "{")]) == unknown)
        #expect(verdict([call(0), .toolCallEnd(index: 0), .toolCallEnd(index: 0)]) == unknown)
        #expect(verdict([call(0), call(1), call(2)]) == .refused(.tooManyToolCalls, wake: true))
    }

    @Test func `usage that comes with the end goes before what came earlier`() {
        var state = StreamState(limits: StreamLimits())
        _ = state.begun()
        _ = state.take(Usage(inputTokens: 1))
        _ = state.finish(.stop, usage: Usage(inputTokens: 7))
        guard case .closeServices = state.next(), case .end(let end) = state.next() else {
            Issue.record("no end")
            return
        }
        #expect(end.usage == Usage(inputTokens: 7))
    }
}

/// splitmix64
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
