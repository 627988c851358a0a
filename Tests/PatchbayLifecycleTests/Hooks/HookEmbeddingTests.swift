import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Hooks see requests for vectors too: what must see all that goes to a provider isn't passed by.
@Suite struct HookEmbeddingTests {
    private func request(_ inputs: String...) -> EmbeddingRequest {
        EmbeddingRequest(
            model: "m", inputs: inputs.map { Array($0.utf8)[...] },
            fields: RequestFields([.init(name: "dimensions", json: Array("2".utf8))]))
    }

    @Test func `each text is a message of the user's, and token numbers are an item of their own`() async throws {
        let hook = FakeHook(HookInterest([.request, .historyLoaded, .route, .complete, .failure]))
        let provider = VectorProvider()
        let gateway = Gateway(provider, hooks: hook)
        _ = try await gateway.embedded(request(#""one \"two\"""#, #""three""#))
        #expect(hook.points == [.request, .historyLoaded] && hook.log.last == "close")
        for point in [HookPoint.request, .historyLoaded] {
            let seen = try #require(hook.visit(at: point)?.json)
            let first = try #require(seen["input"]?[0])
            #expect(seen["input"]?.count == 2 && first["role"]?.string == "user" && first["type"]?.string == "message")
            #expect(first["content"]?[0]?["text"]?.string == #"one "two""#)
            #expect(first["content"]?[0]?["type"]?.string == "input_text")
        }
        let body = try #require(hook.visit(at: .request)?.json)
        #expect(body["dimensions"] == nil && body["patchbay"]?["endpoint"]?.string == "/v1/embeddings")
        #expect(body["stream"]?.bool == false && body["store"]?.bool == false)
        _ = try await gateway.embedded(request("[1,2]"))
        let tokens = hook.visits[2].json?["input"]?[0]
        #expect(tokens?["type"]?.string == "patchbay:tokens" && tokens?["tokens"]?.rawEquals("[1,2]") == true)
        let sent = try JSONDocument.parse(provider.book.bodies[0]).root
        #expect(sent["input"]?[0]?.rawEquals(#""one \"two\"""#) == true && sent["dimensions"]?.int == 2)
        #expect(sent["patchbay"]?["endpoint"] == nil)
    }

    @Test func `a rejection is the answer, and nobody is asked`() async throws {
        for point in [HookPoint.request, .historyLoaded] {
            let hook = FakeHook(at: point, .reject(GatewayError(.invalidRequest, "Not here.", param: "input[1]")))
            let provider = VectorProvider()
            let error = await #expect(throws: GatewayError.self) {
                try await Gateway(provider, hooks: hook).embedded(request(#""a""#, #""b""#))
            }
            #expect(error?.code == "request_rejected" && error?.param == "input[1]" && provider.book.bodies.isEmpty)
        }
    }

    @Test func `what a hook puts in the place of the texts is what the provider is given`() async throws {
        for point in [HookPoint.request, .historyLoaded] {
            let hook = FakeHook(HookInterest([point])) { visit, _ in
                let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
                return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
            }
            let provider = VectorProvider()
            _ = try await Gateway(provider, hooks: hook).embedded(request(#""a secret""#, #""plain\u0020text""#))
            let sent = try JSONDocument.parse(provider.book.bodies[0]).root
            #expect(sent["input"]?[0]?.string == "a [masked]" && sent["input"]?[1]?.string == "plain text")
            #expect(sent["dimensions"]?.int == 2)
            _ = try await Gateway(provider, hooks: hook).embedded(request("[1, 2]"))
            #expect(try JSONDocument.parse(provider.book.bodies[1]).root["input"]?[0]?.count == 2)
        }
    }

    @Test(arguments: [HookEntry.OnError.failClosed, .failOpen])
    func `a client's other fields, whatever they are called, are the provider's and keep no replacement from counting`(
        onError: HookEntry.OnError
    ) async throws {
        let named = [
            ("store", "true"), ("background", "false"), ("truncation", "true"), ("tools", "5"), ("instructions", "[]"),
            ("previous_response_id", "7"), ("conversation", "{}"), ("generate", "false"), ("text", "1"),
        ]
        for point in [HookPoint.request, .historyLoaded] {
            let hook = FakeHook(HookInterest([point])) { visit, _ in
                let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
                return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
            }
            let provider = VectorProvider()
            let entry = HookEntry(hook, onError: onError, budget: .seconds(60))
            var request = request(#""a secret""#)
            for (name, json) in named { request.fields[name] = Array(json.utf8) }
            _ = try await Gateway(provider, entries: [entry]).embedded(request)
            let sent = try JSONDocument.parse(provider.book.bodies[0]).root
            #expect(sent["input"]?[0]?.string == "a [masked]" && sent["dimensions"]?.int == 2)
            for (name, json) in named { #expect(sent[key: name]?.raw.elementsEqual(json.utf8) == true, "\(name)") }
        }
    }

    @Test func `of the fields a hook changes 'user' alone`() async throws {
        let hook = FakeHook(
            at: .request,
            .replace(Array(#"{"model":"m","input":"a","user":"w","dimensions":9,"temperature":1,"patchbay":{}}"#.utf8)))
        let provider = VectorProvider()
        var request = request(#""a""#)
        request.fields["user"] = Array(#""u""#.utf8)
        _ = try await Gateway(provider, hooks: hook).embedded(request)
        #expect(hook.visit(at: .request)?.json?["user"]?.string == "u")
        let sent = try JSONDocument.parse(provider.book.bodies[0]).root
        #expect(sent["user"]?.string == "w" && sent["dimensions"]?.int == 2 && sent["temperature"] == nil)
        #expect(sent["patchbay"]?["model"]?.string == "m")
    }

    @Test(arguments: [
        #"{"model":"m","input":"one text"}"#,
        #"{"model":"m","input":[{"role":"user","content":"a"},{"role":"user","content":[]}]}"#,
        #"{"model":"m","input":[{"role":"user","content":"a"},{"type":"x:y","z":1}]}"#,
    ])
    func `a replacement that isn't an input for each input is the hook's failure`(body: String) async throws {
        let hook = FakeHook(at: .request, .replace(Array(body.utf8)))
        let provider = VectorProvider()
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, hooks: hook).embedded(request(#""a""#, #""b""#))
        }
        #expect(error?.code == "hook_failed" && provider.book.bodies.isEmpty)
    }

    @Test func `a hook may name another model`() async throws {
        let hook = FakeHook(HookInterest([.request])) { visit, _ in
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing(#""model":"m""#, with: #""model":"other""#).utf8)))
        }
        let other = VectorProvider(named: "other")
        _ = try await Gateway(VectorProvider(), others: ["other": other], hooks: hook).embedded(request(#""a""#))
        #expect(other.book.bodies.count == 1)
    }

    @Test func `an answer in the provider's place can't be vectors, and is refused`() async throws {
        let answer = HookAnswer(events: [.text("no")], outcome: .stop)
        let hook = FakeHook(at: .request, .answer(answer))
        let provider = VectorProvider()
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, hooks: hook).embedded(request(#""a""#))
        }
        #expect(error?.code == "request_rejected" && error?.kind == .invalidRequest && provider.book.bodies.isEmpty)
    }
}
