import CPatchbay
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct StreamTests {
    @Test func `a plugin's answer comes in order and ends once`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s text=Hel text=lo usage=5,2 up=resp_up finish")
        #expect(outcome.text == "Hello")
        #expect(outcome.violations == [])
        #expect(outcome.end.usage == Usage(inputTokens: 5, outputTokens: 2))
        #expect(outcome.end.upstreamResponseID == "resp_up")
        guard case .stop = outcome.end.outcome else { Issue.record("\(outcome.end)"); return }
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 0, 0, 0, 0])
        #expect(fixture.count("misuse") == 0)
    }
}
