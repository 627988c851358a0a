import Logging
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

/// What a provider says of its models.
@Suite struct ModelsTests {
    @Test func `a model's markup is what the plugin says of it`() async throws {
        let bench = try await Bench.with(try Fixture("provider", ["MODELS=2"]))
        let provider = try bench.host.provider(named: "p")
        #expect(provider.toolMarkup(of: "tagged") == .hermes)
        for name in ["sure", "silent", "newer", "older", "unheard of"] {
            #expect(provider.toolMarkup(of: name) == .none, "\(name)")
        }
        let warning = try #require(bench.log.lines.first { $0.message.contains("tool markup") })
        #expect(warning.metadata["markup"] == "klingon" && warning.metadata["model"] == "newer")
        await bench.host.stop()
    }

    @Test func `a provider of one model means that one, whatever it is called`() async throws {
        let bench = try await Bench.with(try Fixture("provider", ["MODELS=1"]))
        #expect(try bench.host.provider(named: "p").toolMarkup(of: "mine") == .hermes)
        await bench.host.stop()
    }

    @Test func `a provider that names no models has none with markup`() async throws {
        let bench = try await Bench.with(try Fixture("provider"))
        #expect(try bench.host.provider(named: "p").toolMarkup(of: "mine") == .none)
        await bench.host.stop()
    }
}
