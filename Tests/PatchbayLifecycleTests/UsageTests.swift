import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Usage is always there: measured, or guessed and marked.
@Suite struct UsageTests {
    private func turn(_ usage: Usage?, _ text: String = "twelve bytes") async throws -> (Response, Response) {
        let provider = ScriptedProvider { _, _ in ([.text(text)], ProviderEnd(.stop, usage: usage)) }
        let gateway = Gateway(provider, store: FakeStore())
        let response = try await gateway.turn(.user("how are you today"))
        return (response, try await gateway.response(response.id, owner: "a"))
    }

    @Test func `what the provider measured is left as it is, and stored`() async throws {
        let usage = Usage(inputTokens: 7, cachedTokens: 3, cacheWriteTokens: 2, outputTokens: 5, reasoningTokens: 1)
        let (response, stored) = try await turn(usage)
        #expect(response.usage == usage && stored.usage == usage && response.usage?.isEstimated == false)
    }

    @Test func `what it didn't is guessed and marked, also in the store`() async throws {
        let (response, stored) = try await turn(nil)
        let usage = try #require(response.usage)
        #expect(usage.isEstimated && usage.inputTokens > 0 && usage.outputTokens >= 3)
        #expect(stored.usage == usage)
    }

    @Test func `half of it is completed`() async throws {
        let (response, _) = try await turn(Usage(inputTokens: 7))
        #expect(response.usage?.inputTokens == 7 && response.usage?.isEstimated == true)
        #expect((response.usage?.outputTokens ?? 0) > 0)
    }

    @Test func `a turn that failed says what is known`() async throws {
        let usage = Usage(inputTokens: 7, outputTokens: 2)
        let provider = ScriptedProvider { _, _ in
            ([.text("x")], ProviderEnd(.failed(GatewayError(.provider, "broken")), usage: usage))
        }
        let events = try await Gateway(provider, store: nil).streamedTurn(.user("hi"))
        guard case .failed(let response) = events.last else {
            Issue.record("no response.failed")
            return
        }
        #expect(response.usage == usage)
    }
}
