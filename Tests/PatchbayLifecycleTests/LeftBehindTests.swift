import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Responses whose server ended in the middle of them, and others' servers on the same store.
@Suite struct LeftBehindTests {
    private let gone = ProcessIdentity(text: "here", hasEnded: { _ in true })
    private let here = ProcessIdentity(text: "here", hasEnded: { _ in false })
    /// Of servers that stand for one that has crashed, which writes no checkpoint any more.
    private var crashing: GatewayPolicy {
        var policy = GatewayPolicy()
        policy.checkpointInterval = nil
        return policy
    }
    private var restarting: GatewayPolicy {
        var policy = crashing
        policy.onRestart = .restart
        return policy
    }

    @Test func `what was open at any event is closed, in the items and in the stream`() throws {
        var random = SeededGenerator(seed: 37)
        for _ in 0..<100 {
            var builder = AnswerBuilder(maxBytes: .max, rules: .none)
            var shape = StreamShape(limit: .max)
            let begun = Response(id: "resp_1", createdAt: 5, status: .inProgress, request: .user("q"))
            shape.append(.created(begun))
            shape.append(.inProgress(begun))
            for event in ProviderEvent.randomAnswer(using: &random) {
                try builder.receive(event) { shape.append($0) }
                var turn = TurnRecord(response: begun, input: [], upstreamResponseID: nil, holder: "x", shape: shape)
                turn.response.output = builder.slots.indices.map { builder.item($0).item }
                let (value, blobs) = turn.encoded()
                let record = StoredRecord(
                    id: "resp_1", parent: nil, root: "resp_1", created: 0, expires: nil, value: value, blobs: blobs)
                var left = try TurnRecord(decoding: record)
                left.end(as: .failed, GatewayError(.internal, "gone"))
                let stream = try StoredStream(left)
                var replay = StreamReplay()
                var events: [ResponseEvent] = []
                while let event = try replay.next(stream) { events.append(event) }
                #expect(replay.isOver && left.holder == nil)
                try StreamRules.check(events)
                #expect(
                    !left.response.output.contains { String(decoding: $0.body, as: UTF8.self).contains("in_progress") })
            }
        }
    }

    @Test func `a stream that was too long to be kept stays so when it is ended`() throws {
        var turn = TurnRecord(
            response: Response(id: "resp_1", createdAt: 5, status: .inProgress, request: .user("q")), input: [],
            upstreamResponseID: nil, shape: StreamShape([]))
        turn.end(as: .failed, GatewayError(.internal, "gone"))
        #expect(turn.shape?.bytes == [])
    }

    @Test func `one that begins anew hasn't failed for those who ask before it does`() async throws {
        let store = FakeStore()
        let id = try await Gateway(
            FakeProvider([.text("x")], hangs: true), store: store, policy: crashing, process: here
        )
        .turn(.background("q")).id
        let next = Gateway(FakeProvider([.text("y")]), store: store, policy: restarting, process: gone)
        #expect(try await !next.response(id, owner: "a").status.isTerminal)
        await next.recovered()
        #expect(try await next.resumed(id).last.flatMap(\.response)?.status == .completed)
    }

    @Test func `of two servers one alone takes up what a third left behind`() async throws {
        let store = FakeStore()
        let id = try await Gateway(
            FakeProvider([.text("x")], hangs: true), store: store, policy: crashing, process: here
        )
        .turn(.background("q")).id
        let first = Gateway(
            FakeProvider([.text("y")], hangs: true), store: store, policy: restarting, process: gone)
        await first.recovered()
        let claimed = try #require(try await store.get(id, owner: "a"))
        #expect(try TurnRecord(decoding: claimed).holder == first.replicas?.id)
        let second = Gateway(FakeProvider([.text("z")]), store: store, policy: restarting, process: here)
        await second.recovered()
        #expect(second.live.find(id, owner: "a") == nil)
        #expect(first.live.find(id, owner: "a") != nil)
        #expect(try await first.cancelled(id).status == .cancelled)
    }

    @Test func `a job whose response has ended goes at the next start`() async throws {
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("x")]), store: store, process: here)
        let id = try await gateway.turn(.background("q")).id
        _ = try await gateway.resumed(id)
        let job = StoredRecord(
            id: Job.id(of: id), kind: .job, parent: nil, root: Job.id(of: id), created: 0, expires: nil,
            value: Array(id.utf8))
        try await store.put(job, owner: "a", durable: true)
        await Gateway(FakeProvider([]), store: store, process: gone).recovered()
        #expect(try await store.list(.job, owner: "a", after: nil, limit: 9) == [])
        #expect(try await gateway.response(id, owner: "a").status == .completed)
    }

    @Test func `what another server makes can't be deleted under its hands`() async throws {
        let store = FakeStore()
        let first = Gateway(FakeProvider([.text("x")], hangs: true), store: store, policy: crashing, process: here)
        let second = Gateway(FakeProvider([]), store: store, process: here)
        let id = try await first.turn(.background("q")).id
        let error = await #expect(throws: GatewayError.self) { try await second.deleteResponse(id, owner: "a") }
        #expect(error?.code == "response_running")
        _ = try await first.cancelled(id)
        try await second.deleteResponse(id, owner: "a")
        let gone = await #expect(throws: GatewayError.self) { try await first.response(id, owner: "a") }
        #expect(gone?.code == "response_not_found")
    }

    @Test func `a stream that says nothing is kept whole`() async throws {
        let gateway = Gateway(FakeProvider([]), store: FakeStore())
        let stream = try await gateway.streamedTurn(.user("q", stream: true))
        let id = try #require(stream.last.flatMap(\.response)).id
        #expect(try await gateway.resumed(id).map { "\($0)" } == stream.map { "\($0)" })
    }
}
