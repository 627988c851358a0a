import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Requests that ask for no answer, but for a count or a compaction: hooks see them come as well.
@Suite struct HookCountTests {
    private let rejection = GatewayError(.invalidRequest, "Not this.", code: "unwanted")

    private func masking(_ points: HookPoint...) -> FakeHook {
        FakeHook(HookInterest(points)) { visit, _ in
            guard visit.point == .request else { return .now(.proceed) }
            let body = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            return .now(.replace(Array(body.replacing("secret", with: "[masked]").utf8)))
        }
    }

    @Test func `the request is visited, and what it leaves is counted and compacted`() async throws {
        let hook = masking(.request, .route, .historyLoaded, .complete, .persisted, .failure)
        let provider = FakeProvider([.text("a summary")])
        let gateway = Gateway(provider, hooks: hook)
        let counted = try await gateway.counted(.user("secret secret secret secret"))
        let masked = try await gateway.counted(.user("[masked] [masked] [masked] [masked]"))
        #expect(counted == masked)
        let compacted = try await gateway.compacted(.user("secret"))
        #expect(provider.lastBody.contains("[masked]") && !provider.lastBody.contains("secret"))
        #expect(compacted.output.first.map { String(decoding: $0.body, as: UTF8.self).contains("[masked]") } == true)
        let once = ["open", "request", "history_loaded", "close"]
        #expect(hook.log == once + once + once)
    }

    @Test func `a rejection of the request ends both, and nobody is asked`() async throws {
        let hook = FakeHook(HookInterest([.request, .failure])) { [rejection] visit, _ in
            let verdict: HookVerdict = visit.point == .request ? .reject(rejection) : .proceed
            return .now(verdict)
        }
        let provider = FakeProvider([.text("a summary")])
        let gateway = Gateway(provider, hooks: hook)
        let first = await #expect(throws: GatewayError.self) { _ = try await gateway.counted(.user("q")) }
        let second = await #expect(throws: GatewayError.self) { _ = try await gateway.compacted(.user("q")) }
        #expect(first?.code == "unwanted" && second?.code == "unwanted")
        #expect(provider.requests.isEmpty)
        let once = ["open", "request", "failure", "close"]
        #expect(hook.log == once + once)
    }

    @Test func `an answer to the request has the count estimated and the compaction fail`() async throws {
        let hook = FakeHook(at: .request, .answer(HookAnswer(events: [.text("x")], outcome: .stop)))
        let provider = FakeProvider([.text("a summary")])
        let gateway = Gateway(provider, hooks: hook)
        #expect(try await gateway.counted(.user("q")).isEstimated)
        let error = await #expect(throws: GatewayError.self) { _ = try await gateway.compacted(.user("q")) }
        #expect(error?.code == "compaction_failed")
        #expect(provider.requests.isEmpty)
    }

    @Test func `what can't be loaded is a failure of hooks that the request has come to`() async throws {
        let hook = FakeHook(HookInterest([.request, .historyLoaded, .failure]))
        let gateway = Gateway(FakeProvider([.text("x")]), store: FakeStore(), hooks: hook)
        let error = await #expect(throws: GatewayError.self) {
            _ = try await gateway.counted(.user("q", after: "resp_none"))
        }
        #expect(error?.code == "previous_response_not_found")
        let empty = await #expect(throws: GatewayError.self) { _ = try await gateway.compacted(.items([])) }
        #expect(empty?.code == "missing_required_parameter")
        let once = ["open", "request", "failure", "close"]
        #expect(hook.log == once + once)
    }

    @Test func `a request without a model shows the one that it takes`() async throws {
        let hook = masking(.request)
        let gateway = Gateway(FakeProvider([.text("x")]), store: FakeStore(), hooks: hook)
        let before = try await gateway.turn(.user("q"))
        var request = Request.user("secret", after: before.id)
        request.model = ""
        #expect(try await gateway.counted(request).tokens > 0)
        #expect(hook.visits.last?.json?["model"]?.string == "m")
    }
}
