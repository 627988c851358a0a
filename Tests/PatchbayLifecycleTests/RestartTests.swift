import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Background responses that begin anew: each of them, with what they had, and not for ever.
@Suite struct RestartTests {
    private let gone = ProcessIdentity(text: "here", hasEnded: { _ in true })
    private let here = ProcessIdentity(text: "here", hasEnded: { _ in false })
    private let store = FakeStore()
    private var policy = GatewayPolicy()

    init() {
        policy.onRestart = .restart
        // A server that has crashed writes no checkpoint; the one that stands for it here is still alive.
        policy.checkpointInterval = nil
    }

    private func hanging(_ process: ProcessIdentity) -> Gateway {
        Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: policy, process: process)
    }

    @Test func `what has begun three times and never ended has failed`() async throws {
        let id = try await hanging(here).turn(.background("q")).id
        for attempt in 2...3 {
            let next = hanging(gone)
            await next.recovered()
            #expect(next.live.find(id, owner: "a") != nil)
            let record = try #require(try await store.get(id, owner: "a"))
            #expect(try TurnRecord(decoding: record).attempt == attempt)
        }
        let last = hanging(gone)
        await last.recovered()
        let response = try await last.response(id, owner: "a")
        #expect(response.status == .failed && response.error?.code == "response_interrupted")
        #expect(try await store.list(.job, owner: "a", after: nil, limit: 9) == [])
    }

    @Test func `the attempts are still known when the turn is stored on its way`() async throws {
        var policy = policy
        policy.checkpointInterval = .milliseconds(1)
        let id = try await hanging(here).turn(.background("q")).id
        let stored = Signal()
        store.beforeWrites { writes in
            if case .put(let record, _)? = writes.first, let turn = try? TurnRecord(decoding: record),
                turn.response.status == .inProgress
            {
                stored.give()
            }
            return nil
        }
        let provider = FakeProvider([.text("x")], hangs: true)
        let next = Gateway(provider, store: store, policy: policy, process: gone)
        await next.recovered()
        await stored.wait()
        await provider.release()
        await next.background.whenEmpty()
        let record = try #require(try await store.get(id, owner: "a"))
        let turn = try TurnRecord(decoding: record)
        #expect(turn.attempt == 2 && turn.response.status == .completed)
    }

    @Test func `one waits for a place, and the wait is no attempt`() async throws {
        var policy = policy
        policy.maxBackgroundRunning = 1
        policy.maxBackgroundQueued = 0
        let first = hanging(here)
        let ids = [try await first.turn(.background("1")).id, try await first.turn(.background("2")).id]
        let next = Gateway(FakeProvider([.text("y")], hangs: true), store: store, policy: policy, process: gone)
        for _ in 0..<5 { await next.recovered() }
        let begun = ids.filter { next.live.find($0, owner: "a") != nil }
        #expect(begun.count == 1)
        _ = try await next.cancelled(begun[0])
        await next.background.whenEmpty()
        await next.recovered()
        let second = try #require(ids.first { $0 != begun[0] })
        #expect(next.live.find(second, owner: "a") != nil)
        let record = try #require(try await store.get(second, owner: "a"))
        #expect(try TurnRecord(decoding: record).attempt == 2)
    }

    @Test func `one begins anew also if the response before it was deleted meanwhile`() async throws {
        let first = try await Gateway(FakeProvider([.text("one")]), store: store).turn(.user("before"))
        var request = Request.user("after", after: first.id)
        request.background = true
        let crashed = hanging(here)
        let id = try await crashed.turn(request).id
        try await crashed.deleteResponse(first.id, owner: "a")
        let provider = FakeProvider([.text("two")])
        let next = Gateway(provider, store: store, policy: policy, process: gone)
        await next.recovered()
        await next.background.whenEmpty()
        #expect(try await next.response(id, owner: "a").status == .completed)
        #expect(provider.lastBody.contains("before") && provider.lastBody.contains("after"))
    }

    @Test func `all of more than a page are found`() async throws {
        let first = hanging(here)
        for _ in 0..<130 { _ = try await first.turn(.background("q")) }
        let next = Gateway(FakeProvider([]), store: store, process: gone)
        await next.recovered()
        #expect(store.living(.job).isEmpty)
        let left = try store.living(.response).map { try TurnRecord(decoding: $0).response.status }
        #expect(left.count == 130 && left.allSatisfy { $0 == .failed })
    }

    @Test func `what the server's own end cuts off says the same as what is found later`() async throws {
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: store, process: here)
        let id = try await gateway.turn(.background("q")).id
        await gateway.drainBackground(within: .milliseconds(1))
        let response = try await gateway.response(id, owner: "a")
        #expect(response.status == .failed && response.error?.code == "response_interrupted")
    }
}
