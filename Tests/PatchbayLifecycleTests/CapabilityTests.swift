import PatchbayLifecycle
import PatchbayModel
import Testing

/// What models can, of the configuration and of providers together, and what is refused for it.
@Suite struct CapabilityTests {
    private static func able(_ change: (inout ModelCapabilities) -> Void) -> ModelCapabilities {
        var capabilities = ModelCapabilities()
        change(&capabilities)
        return capabilities
    }

    private let chat = able { known in
        known.kinds = .answers
        known.inputs = [.text, .image]
        (known.contextTokens, known.maxOutputTokens) = (1000, 100)
        (known[.tools], known[.reasoning]) = (true, true)
    }
    private let vectors = able { known in
        known.kinds = .embeddings
        known.dimensions = 8
    }

    private func gateway(_ provider: FakeProvider, _ entries: Router.Entry...) -> Gateway {
        Gateway(router: Router(entries), store: nil, logger: .quiet)
    }

    @Test func `what the configuration says goes before what the provider says, point by point`() throws {
        let said = Self.able { known in
            known.contextTokens = 50
            known[.reasoning] = false
        }
        let provider = FakeProvider([], abilities: ["up": chat])
        let gateway = gateway(provider, .init(name: "m", provider: provider, upstreamModel: "up", capabilities: said))
        let known = try #require(gateway.model("m")).capabilities
        #expect(known.contextTokens == 50 && known[.reasoning] == false)
        #expect(known.kinds == .answers && known.maxOutputTokens == 100 && known[.tools] == true)
    }

    @Test func `of a model with fallbacks is told what all of them can`() throws {
        let other = Self.able { known in
            known.kinds = .answers
            known.inputs = [.text, .audio]
            known.contextTokens = 500
            (known[.tools], known[.reasoning], known[.structuredOutput]) = (true, false, false)
        }
        let provider = FakeProvider([], abilities: ["a": chat, "b": other])
        let gateway = gateway(
            provider, .init(name: "a", provider: provider, fallbacks: ["b"]), .init(name: "b", provider: provider),
            .init(name: "c", provider: provider, upstreamModel: "a", fallbacks: ["d"]),
            .init(name: "d", provider: provider))
        let known = try #require(gateway.model("a")).capabilities
        #expect(known.kinds == .answers && known.inputs == [.text] && known.contextTokens == 500)
        #expect(known.maxOutputTokens == nil, "only one of them says")
        #expect(known[.tools] == true && known[.reasoning] == false)
        #expect(known[.structuredOutput] == false, "one lacks it, whatever the other has")
        #expect(try #require(gateway.model("c")).capabilities == ModelCapabilities(), "of d nothing is known")
    }

    @Test func `a fallback that is for something else takes nothing away, as it never answers`() throws {
        let both = Self.able { known in
            known.kinds = .all
            known.contextTokens = 2000
        }
        let provider = FakeProvider([], abilities: ["a": chat, "v": vectors, "b": both])
        let gateway = gateway(
            provider, .init(name: "a", provider: provider, fallbacks: ["v"]), .init(name: "v", provider: provider),
            .init(name: "b", provider: provider, fallbacks: ["a", "v"]))
        #expect(try #require(gateway.model("a")).capabilities == chat)
        let known = try #require(gateway.model("b")).capabilities
        #expect(known.kinds == .all, "each kind is answered")
        #expect(known.maxOutputTokens == nil && known.contextTokens == nil)
    }

    @Test func `a model that a pattern serves is told by its name, and others are none`() throws {
        let provider = FakeProvider([], abilities: ["x": chat])
        let gateway = gateway(provider, .init(name: "local/*", provider: provider, upstreamModel: "*"))
        #expect(gateway.models.isEmpty)
        #expect(try #require(gateway.model("local/x")).capabilities.kinds == .answers)
        #expect(gateway.model("remote/x") == nil)
    }

    @Test func `an answer of a model for embeddings is refused before the provider is asked, and the other way round`()
        async throws
    {
        let provider = FakeProvider([.text("x")], abilities: ["m": vectors])
        let gateway = Gateway(provider, store: nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("hello")) }
        #expect(error?.kind == .invalidRequest && error?.code == "wrong_model_kind" && error?.param == "model")
        #expect(error?.message.contains("'m' is for embeddings, not for answers") == true)
        #expect(provider.requests.isEmpty)
        let router = Router([.init(name: "m", provider: FakeProvider([], abilities: ["m": chat]))])
        let other = #expect(throws: GatewayError.self) { try router.route("m", for: .embeddings) }
        #expect(other?.code == "wrong_model_kind")
    }

    @Test func `a fallback that isn't for the request's kind is passed over`() throws {
        let provider = FakeProvider([], abilities: ["v": vectors])
        let router = Router([
            .init(name: "m", provider: provider, fallbacks: ["v", "w"]), .init(name: "v", provider: provider),
            .init(name: "w", provider: provider),
        ])
        #expect(try router.route("m").fallbacks.map(\.upstreamModel) == ["w"])
        #expect(try router.route("m", for: .embeddings).fallbacks.map(\.upstreamModel) == ["v", "w"])
    }
}
