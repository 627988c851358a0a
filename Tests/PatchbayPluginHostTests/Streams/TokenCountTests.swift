import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

/// `patchbay.token-count/1`, as a plugin offers it and the host asks for it.
@Suite struct TokenCountTests {
    @Test(arguments: ["b", "s", "t"])
    func `a count ends once with its number, and is released like every call`(place: String) async throws {
        let fixture = try Fixture("provider", ["COUNTS=1"])
        let bench = try await Bench.with(fixture)
        let outcome = try #require(try await bench.count("\(place) usage=17,-1 finish"))
        #expect(outcome.end.usage?.inputTokens == 17 && outcome.events.isEmpty && outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
    }

    @Test func `a plugin that can't count says so, at once or later`() async throws {
        let fixture = try Fixture("provider", ["COUNTS=1"])
        let bench = try await Bench.with(fixture)
        let refused = await #expect(throws: GatewayError.self) { try await bench.count("refuse=-3") }
        #expect(refused?.code == "unsupported")
        let later = try #require(try await bench.count("s fail=-3"))
        #expect(later.error?.code == "unsupported" && later.violations == [])
        await bench.host.stop()
    }

    @Test func `a plugin without the table has no count`() async throws {
        let bench = try await Bench.with(try Fixture("provider"))
        #expect(try await bench.count("b finish") == nil)
        #expect(bench.host.plugins.first?.interfaces.contains("patchbay.token-count/1") == false)
        await bench.host.stop()
    }

    @Test func `a table without its function is refused when the plugin is loaded`() async throws {
        let error = await #expect(throws: PluginErrors.self) {
            _ = try await Bench.with(try Fixture("provider", ["COUNTS=0"]))
        }
        #expect(error?.errors.first?.message.contains("begin of pbay_token_count is null") == true)
    }
}
