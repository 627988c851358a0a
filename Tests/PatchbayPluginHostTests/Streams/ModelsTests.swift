import Logging
import PatchbayLifecycle
import PatchbayModel
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

    @Test func `what the one model is for isn't what others are for, unless the plugin has but one use`() async throws {
        for (tables, kinds) in [(["EMBEDS=1"], nil), ([], ModelCapabilities.Kinds.answers)] {
            let bench = try await Bench.with(try Fixture("provider", ["MODELS=1", "KINDS=2"] + tables))
            let provider = try bench.host.provider(named: "p")
            #expect(provider.capabilities(of: "tagged").kinds == .embeddings)
            #expect(provider.capabilities(of: "mine").kinds == kinds, "\(tables)")
            #expect(provider.toolMarkup(of: "mine") == .hermes)
            await bench.host.stop()
        }
    }

    @Test func `a provider that names no models has none with markup`() async throws {
        let bench = try await Bench.with(try Fixture("provider"))
        #expect(try bench.host.provider(named: "p").toolMarkup(of: "mine") == .none)
        await bench.host.stop()
    }

    @Test func `what a model can is what the plugin says of it, and bits that are unknown say nothing`() async throws {
        let bench = try await Bench.with(try Fixture("provider", ["MODELS=3"]))
        let provider = try bench.host.provider(named: "p")
        let able = provider.capabilities(of: "able")
        #expect(able.kinds == .answers && able.inputs == [.text, .image])
        #expect(able.contextTokens == 8192 && able.maxOutputTokens == 1024 && able.dimensions == nil)
        #expect(able[.tools] == true && able[.reasoning] == false)
        #expect(able[.structuredOutput] == nil && able[.dimensions] == nil)
        #expect(able.knownFeatures == [.tools, .reasoning])
        #expect(provider.capabilities(of: "vast") == ModelCapabilities.dimensioned(Int(UInt32.max)))
        #expect(provider.capabilities(of: "unheard of") == ModelCapabilities())
        await bench.host.stop()
    }

    @Test(arguments: ["old", "middle"])
    func `a plugin from before says what its struct has, and nothing of what came later`(model: String) async throws {
        let bench = try await Bench.with(try Fixture("provider", ["MODELS=3"]))
        let provider = try bench.host.provider(named: "p")
        var known = ModelCapabilities()
        (known.contextTokens, known.maxOutputTokens) = (8192, 1024)
        #expect(provider.capabilities(of: model) == known)
        await bench.host.stop()
    }

    @Test func `what is said of all other models counts for those that aren't named`() async throws {
        let bench = try await Bench.with(try Fixture("provider", ["MODELS=4"]))
        let provider = try bench.host.provider(named: "p")
        var known = ModelCapabilities.dimensioned(384)
        known.kinds = .embeddings
        #expect(provider.capabilities(of: "unheard of") == known)
        #expect(provider.capabilities(of: "able").kinds == .answers)
        #expect(provider.toolMarkup(of: "tagged") == .hermes && provider.toolMarkup(of: "unheard of") == .none)
        await bench.host.stop()
    }
}

extension ModelCapabilities {
    fileprivate static func dimensioned(_ count: Int) -> Self {
        var known = Self()
        known.dimensions = count
        return known
    }
}
