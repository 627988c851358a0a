import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

@Suite struct TokenCountTests {
    @Test func `a provider's own count is given as it is`() async throws {
        let count = try await Gateway(SummarisingProvider(), store: nil).counted(.user("hello"))
        #expect(count.tokens > 50 && !count.isEstimated)
    }

    @Test func `without one the host estimates and says so`() async throws {
        let provider = SummarisingProvider(counts: false)
        let count = try await Gateway(provider, store: nil).counted(.user("hello world, how are you?"))
        #expect(count.isEstimated && (6...16).contains(count.tokens))
        #expect(provider.bodies.isEmpty, "nobody was asked for an answer")
    }

    @Test func `what can't be counted is estimated, what is wrong is refused`() async throws {
        let unsupported = FailingCounter(GatewayError(.invalidRequest, "can't", code: "unsupported"))
        #expect(try await Gateway(unsupported, store: nil).counted(.user("hello")).isEstimated)
        let wrong = FailingCounter(GatewayError(.rateLimited, "slowly"))
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(wrong, store: nil).counted(.user("hello"))
        }
        #expect(error?.kind == .rateLimited)
    }

    @Test func `the history counts, and its model is the one that isn't named`() async throws {
        let gateway = Gateway(SummarisingProvider(), store: FakeStore())
        let first = try await gateway.turn(.user("one"))
        var request = Request.user("two", after: first.id)
        request.model = ""
        let both = try await gateway.counted(request)
        #expect(try await both.tokens > gateway.counted(.user("two")).tokens)
        request.previousResponseID = nil
        let error = await #expect(throws: GatewayError.self) { try await gateway.counted(request) }
        #expect(error?.param == "model")
    }

    @Test func `another owner's history isn't found`() async throws {
        let gateway = Gateway(SummarisingProvider(), store: FakeStore())
        let first = try await gateway.turn(.user("one"), owner: "b")
        let error = await #expect(throws: GatewayError.self) { try await gateway.counted(.user("x", after: first.id)) }
        #expect(error?.kind == .notFound && error?.param == "previous_response_id")
    }

    @Test(arguments: [
        (#"{"input":[]}"#, 0...0),
        (#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"abcdefgh"}]}]}"#, 4...8),
        (#"{"input":[{"role":"user","content":"日本語の文章"}]}"#, 6...12),
        (
            #"{"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]}"#,
            700...800
        ),
        (
            #"{"instructions":"abcdefgh","input":[],"tools":[{"type":"function","name":"abcd","parameters":{"type":"object"}}]}"#,
            5...12
        ),
    ])
    func `an estimate goes by the text`(body: String, range: ClosedRange<Int>) {
        #expect(range.contains(TokenEstimate.tokens(of: Array(body.utf8))))
    }
}

/// A provider whose counts end badly.
private final class FailingCounter: Provider {
    let name = "failing"
    private let error: GatewayError

    init(_ error: GatewayError) {
        self.error = error
    }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    { throw error }

    func count(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> (any ProviderCall)?
    { throw error }
}
