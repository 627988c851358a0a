import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Responses of the background: acknowledged once they are stored, and never in limbo.
@Suite struct BackgroundTests {
    private let gone = ProcessIdentity(text: "here", hasEnded: { _ in true })
    private let here = ProcessIdentity(text: "here", hasEnded: { _ in false })

    @Test func `it is queued, then ends without its client, and its job is gone`() async throws {
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: store)
        let queued = try await gateway.turn(.background("q"))
        #expect(queued.status == .queued)
        #expect(queued.background)
        #expect(store.records.contains { $0.id == queued.id }, "acknowledged when it is stored")
        let events = try await gateway.resumed(queued.id)
        #expect(events.last.flatMap(\.response)?.status == .completed)
        #expect(try await gateway.response(queued.id, owner: "a") == events.last.flatMap(\.response))
        #expect(try await store.list(.job, owner: "a", after: nil, limit: 9) == [])
    }

    @Test func `streamed, it begins with queued and goes by the rules`() async throws {
        let gateway = Gateway(FakeProvider([.text("hi")]), store: FakeStore())
        let events = try await gateway.streamedTurn(.background("q", stream: true))
        guard case .created(let created) = events[0], case .queued = events[1],
            case .inProgress(let running) = events[2]
        else { throw GatewayError(.internal, "\(events)") }
        #expect(created.status == .queued)
        #expect(running.status == .inProgress)
        #expect(events.count(where: \.isTerminal) == 1)
    }

    @Test func `a provider that refuses at once fails the response, not the request`() async throws {
        let gateway = Gateway(
            FakeProvider([], .failed(GatewayError(.rateLimited, "slow down"))), store: FakeStore())
        let queued = try await gateway.turn(.background("q"))
        let last = try await gateway.resumed(queued.id).last.flatMap(\.response)
        #expect(last?.status == .failed)
        #expect(last?.error?.kind == .rateLimited)
    }

    @Test func `a queue that is full refuses with 429, and takes again later`() async throws {
        var policy = GatewayPolicy()
        policy.maxBackgroundRunning = 1
        policy.maxBackgroundQueued = 1
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: FakeStore(), policy: policy)
        let first = try await gateway.turn(.background("1"))
        let second = try await gateway.turn(.background("2"))
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.background("3")) }
        #expect(error?.kind == .rateLimited)
        #expect(error?.code == "background_queue_full")
        #expect(try await gateway.response(second.id, owner: "a").status == .queued)
        #expect(try await gateway.cancelled(second.id).status == .cancelled, "one that waits")
        #expect(try await gateway.cancelled(first.id).status == .cancelled, "one that runs")
        #expect(try await gateway.turn(.background("4")).status == .queued)
    }

    @Test func `cancelling is idempotent, for the background alone, and for its owner alone`() async throws {
        let provider = FakeProvider([.text("x")], hangs: true)
        let gateway = Gateway(provider, store: FakeStore())
        let id = try await gateway.turn(.background("q")).id
        let foreign = await #expect(throws: GatewayError.self) { try await gateway.cancelled(id, owner: "b") }
        #expect(foreign?.code == "response_not_found")
        let cancelled = try await gateway.cancelled(id)
        await provider.cancelled.wait()
        #expect(cancelled.status == .cancelled)
        #expect(try await gateway.cancelled(id) == cancelled)
        #expect(try await gateway.response(id, owner: "a") == cancelled)
        let plain = try await Gateway(FakeProvider([.text("y")]), store: FakeStore()).turn(.user("q"))
        #expect(plain.status == .completed)
        let other = Gateway(FakeProvider([.text("y")]), store: FakeStore())
        let stored = try await other.turn(.user("q"))
        let error = await #expect(throws: GatewayError.self) { try await other.cancelled(stored.id) }
        #expect(error?.code == "response_not_background")
    }

    @Test func `what a server left behind has failed, found at the next start or when it is asked for`() async throws {
        for isFoundAtStart in [true, false] {
            let store = FakeStore()
            let first = Gateway(FakeProvider([.text("x")], hangs: true), store: store, process: here)
            let id = try await first.turn(.background("q")).id
            let second = Gateway(FakeProvider([.text("y")]), store: store, process: gone)
            if isFoundAtStart { await second.recovered() }
            let response = try await second.response(id, owner: "a")
            #expect(response.status == .failed)
            #expect(response.error?.code == "response_interrupted")
            #expect(try await store.list(.job, owner: "a", after: nil, limit: 9) == [])
            #expect(try await second.resumed(id).last.flatMap(\.response) == response)
        }
    }

    @Test func `what another living server makes is left alone`() async throws {
        let store = FakeStore()
        let first = Gateway(FakeProvider([.text("x")], hangs: true), store: store, process: here)
        let id = try await first.turn(.background("q")).id
        let second = Gateway(FakeProvider([.text("y")]), store: store, process: here)
        await second.recovered()
        #expect(try await second.response(id, owner: "a").status.isTerminal == false)
    }

    @Test func `what was left behind begins anew where the policy has it so`() async throws {
        let store = FakeStore()
        let first = Gateway(FakeProvider([.text("x")], hangs: true), store: store, process: here)
        let id = try await first.turn(.background("q")).id
        var policy = GatewayPolicy()
        policy.onRestart = .restart
        let provider = FakeProvider([.text("y")])
        let second = Gateway(provider, store: store, policy: policy, process: gone)
        await second.recovered()
        let response = try #require(try await second.resumed(id).last.flatMap(\.response))
        #expect(response.id == id)
        #expect(response.status == .completed)
        #expect(provider.lastBody.contains(#""text":"q""#))
        #expect(try await second.response(id, owner: "a") == response)
    }

    @Test(arguments: [GatewayPolicy.OnRestart.fail, .restart])
    func `at the server's end, those that run have failed or wait for the next start`(
        policy onRestart: GatewayPolicy.OnRestart
    ) async throws {
        let store = FakeStore()
        var policy = GatewayPolicy()
        policy.onRestart = onRestart
        policy.maxBackgroundRunning = 1
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: policy, process: here)
        let ids = [try await gateway.turn(.background("1")).id, try await gateway.turn(.background("2")).id]
        await gateway.drainBackground(within: .milliseconds(1))
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.background("3")) }
        #expect(error?.code == "background_queue_full")
        let next = Gateway(FakeProvider([.text("y")]), store: store, policy: policy, process: gone)
        await next.recovered()
        for id in ids {
            let status = try await next.resumed(id).last.flatMap(\.response)?.status
            #expect(status == (onRestart == .fail ? .failed : .completed))
        }
    }

    @Test func `one that hasn't ended can't be continued, nor one that was cancelled`() async throws {
        let gateway = Gateway(FakeProvider([.text("x")], hangs: true), store: FakeStore())
        let id = try await gateway.turn(.background("q")).id
        let running = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("r", after: id)) }
        #expect(running?.code == "previous_response_running")
        _ = try await gateway.cancelled(id)
        let cancelled = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("r", after: id)) }
        #expect(cancelled?.code == "previous_response_cancelled")
    }

    @Test func `without a store there is no background`() async throws {
        let gateway = Gateway(FakeProvider([.text("x")]), store: nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.background("q")) }
        #expect(error?.code == "storage_not_configured")
    }
}
