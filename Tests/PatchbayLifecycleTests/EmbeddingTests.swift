import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Requests for vectors: batches, fallbacks, bounds, ends.
@Suite struct EmbeddingTests {
    private let limited = GatewayError(.rateLimited, "slowly", retryAfter: 2)

    private func firsts(_ embeddings: Embeddings) -> [Float] {
        embeddings.batches.flatMap { batch in (0..<batch.count).map { batch[$0].first ?? -1 } }
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (7, 4), (40, 20)])
    func `a list is split as the provider wants it, and its vectors are in the order of the inputs`(
        inputs: Int, calls: Int
    ) async throws {
        let provider = VectorProvider()
        let made = try await Gateway(provider, store: nil).embedded(.numbers(inputs))
        #expect(firsts(made) == (0..<inputs).map(Float.init))
        #expect(provider.book.bodies.count == calls && made.usage == Usage(inputTokens: calls))
        #expect(provider.book.mostRunning <= 4)
    }

    @Test func `a provider that takes any number is asked once`() async throws {
        let provider = VectorProvider(maxInputs: .max)
        let made = try await Gateway(provider, store: nil).embedded(.numbers(100))
        #expect(firsts(made).count == 100 && provider.book.bodies.count == 1)
    }

    @Test func `calls are a few at a time`() async throws {
        let provider = VectorProvider(maxInputs: 1)
        _ = try await Gateway(provider, store: nil).embedded(.numbers(50))
        #expect(provider.book.mostRunning == 4)
    }

    @Test func `the provider is given the inputs as they came, the fields, the model's defaults, and who asks`()
        async throws
    {
        let provider = VectorProvider()
        let defaults = RequestFields([
            .init(name: "dimensions", json: Array("8".utf8)), .init(name: "priority", json: Array("1".utf8)),
            .init(name: "encoding_format", json: Array("\"base64\"".utf8)),
        ])
        let gateway = Gateway(
            router: Router([Router.Entry(name: "m", provider: provider, upstreamModel: "up", defaults: defaults)]),
            store: nil, clock: StoppedClock(), logger: .quiet)
        var request = EmbeddingRequest(
            model: "m", inputs: [Array(#""a \u0062""#.utf8)[...]],
            fields: RequestFields([.init(name: "dimensions", json: Array("4".utf8))]))
        _ = try await gateway.embedded(request)
        let body = try JSONDocument.parse(provider.book.bodies[0]).root
        #expect(body["input"]?.rawEquals(#"["a \u0062"]"#) == true && body["dimensions"]?.int == 4)
        #expect(body["model"]?.string == "up" && body["priority"]?.int == 1 && body["encoding_format"] == nil)
        #expect(body["patchbay"]?["model"]?.string == "m" && body["patchbay"]?["request_id"]?.string == "req_1")
        #expect(body["patchbay"]?["owner"]?.string == Digest.hex("a"))
        request.inputs = [Array("[1,2]".utf8)[...]]
        _ = try await gateway.embedded(request)
        #expect(try JSONDocument.parse(provider.book.bodies[1]).root["input"]?.rawEquals("[[1,2]]") == true)
    }

    @Test func `one failure is the request's: the other calls are cancelled, and no more are begun`() async throws {
        let wrong = GatewayError(
            .invalidRequest, "input[1] is too long", code: "context_length_exceeded", param: "input[1].x")
        let provider = VectorProvider { call, _ in call == 2 ? .fail(wrong) : .hold }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, store: nil).embedded(.numbers(20))
        }
        #expect(error?.code == "context_length_exceeded" && error?.param == "input[5].x", "its place in the whole list")
        #expect(error?.message == "input[5] is too long")
        #expect(provider.book.cancels == [.limit, .limit, .limit] && provider.book.running == 0)
        #expect(provider.book.bodies.count == 4)
    }

    @Test func `a refusal to begin is a failure too`() async throws {
        let provider = VectorProvider { [limited] call, _ in call == 1 ? .refuse(limited) : .hold }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, store: nil).embedded(.numbers(20))
        }
        #expect(error?.kind == .rateLimited && error?.retryAfter == 2)
        #expect(provider.book.bodies.count == 2 && provider.book.running == 0)
    }

    @Test func `a provider that fails gives way to the next, which is given all inputs`() async throws {
        let first = VectorProvider(named: "first") { [limited] call, _ in call == 1 ? .fail(limited) : .vectors() }
        let second = VectorProvider(named: "second", maxInputs: 3)
        let none = VectorProvider(named: "none", maxInputs: nil)
        let gateway = Gateway(first, others: ["n": none, "s": second], fallbacks: ["n", "s"])
        let made = try await gateway.embedded(.numbers(6))
        #expect(firsts(made) == [0, 1, 2, 3, 4, 5] && second.book.bodies.count == 2 && none.book.bodies.isEmpty)
        #expect(made.usage.inputTokens == 2, "what came of the first is not the answer's")
    }

    @Test(arguments: [
        GatewayError(.invalidRequest, "no", code: "unsupported"),
        GatewayError(.provider, "more than this server gives", code: "answer_too_large"),
    ])
    func `what is the request's own fault is nobody else's business`(fault: GatewayError) async throws {
        let first = VectorProvider { _, _ in .fail(fault) }
        let second = VectorProvider(named: "second")
        let gateway = Gateway(first, others: ["s": second], fallbacks: ["s"])
        await #expect(throws: GatewayError.self) { try await gateway.embedded(.numbers(1)) }
        #expect(second.book.bodies.isEmpty)
    }

    @Test func `a model whose provider makes none is a 400 by its name`() async throws {
        let gateway = Gateway(VectorProvider(maxInputs: nil), store: nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway.embedded(.numbers(1)) }
        #expect(error?.kind == .invalidRequest && error?.code == "unsupported" && error?.param == "model")
        #expect(error?.message.contains("'m'") == true)
        var unknown = EmbeddingRequest.numbers(1)
        unknown.model = "x"
        let missing = await #expect(throws: GatewayError.self) { try await gateway.embedded(unknown) }
        #expect(missing?.code == "model_not_found")
    }

    @Test func `a model that is for answers isn't asked for vectors, and one for embeddings is, also behind hooks`()
        async throws
    {
        var answers = ModelCapabilities()
        answers.kinds = .answers
        var vectors = ModelCapabilities()
        vectors.kinds = .embeddings
        let provider = VectorProvider()
        let router = Router([
            Router.Entry(name: "m", provider: provider, capabilities: vectors),
            Router.Entry(name: "chat", provider: provider, capabilities: answers),
        ])
        for hooks in [[], [HookEntry(FakeHook(HookInterest([.request])))]] {
            let gateway = Gateway(router: router, store: nil, hooks: hooks, clock: StoppedClock(), logger: .quiet)
            _ = try await gateway.embedded(.numbers(1))
            var request = EmbeddingRequest.numbers(1)
            request.model = "chat"
            let error = await #expect(throws: GatewayError.self) { try await gateway.embedded(request) }
            #expect(error?.code == "wrong_model_kind" && error?.param == "model")
        }
        #expect(provider.book.bodies.count == 2)
    }

    @Test func `all vectors of an answer are of one length`() async throws {
        let provider = VectorProvider { call, _ in .vectors(dimensions: call == 2 ? 3 : 2) }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, store: nil).embedded(.numbers(8))
        }
        #expect(error?.kind == .provider)
    }

    @Test func `the numbers of an answer are bounded, whatever the number of inputs`() async throws {
        let provider = VectorProvider(maxInputs: .max)
        let gateway = Gateway(provider, store: nil, policy: GatewayPolicy(maxAnswerBytes: 4000))
        _ = try await gateway.embedded(.numbers(1))
        _ = try await gateway.embedded(.numbers(100))
        #expect(provider.book.maxDimensions == [1000, 10])
        let asked = RequestFields([.init(name: "dimensions", json: Array("11".utf8))])
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.embedded(.numbers(100, fields: asked))
        }
        #expect(error?.param == "dimensions" && error?.code == "integer_above_max_value")
        #expect(provider.book.bodies.count == 2)
    }

    @Test func `a client that goes away cancels all calls`() async throws {
        let provider = VectorProvider { _, _ in .hold }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, store: nil).embedded(.numbers(20)) { exchange in
                await provider.holding.wait()
                exchange.strand.execute { exchange.clientGone() }
            }
        }
        #expect(error?.kind == .cancelled)
        #expect(provider.book.cancels == Array(repeating: .clientGone, count: 4) && provider.book.running == 0)
    }

    @Test func `a server that stops cancels all calls, and asks no other provider`() async throws {
        let provider = VectorProvider { _, _ in .hold }
        let second = VectorProvider(named: "second")
        let gateway = Gateway(provider, others: ["s": second], fallbacks: ["s"])
        await #expect(throws: GatewayError.self) {
            try await gateway.embedded(.numbers(2)) { exchange in
                await provider.holding.wait()
                exchange.strand.execute { exchange.shutdown() }
            }
        }
        #expect(provider.book.cancels == [.shutdown] && second.book.bodies.isEmpty)
    }

    @Test func `the deadline is the whole request's`() async throws {
        let provider = VectorProvider()
        let gateway = Gateway(provider, store: nil, policy: GatewayPolicy(answerTimeout: 5000))
        _ = try await gateway.embedded(.numbers(3))
        #expect(provider.book.timeouts == [5000, 5000])
    }

    @Test func `what a provider doesn't count is guessed, and said to be`() async throws {
        let provider = VectorProvider { call, _ in .vectors(usage: call == 0 ? Usage(inputTokens: 9) : nil) }
        let made = try await Gateway(provider, store: nil).embedded(.numbers(4))
        #expect(made.usage.isEstimated && made.usage.inputTokens == 10)
        let tokens = EmbeddingRequest(model: "m", inputs: [Array("[5,6,7]".utf8)[...]], fields: RequestFields())
        let silent = VectorProvider { _, _ in .vectors(usage: nil) }
        #expect(try await Gateway(silent, store: nil).embedded(tokens).usage.inputTokens == 3)
    }
}
