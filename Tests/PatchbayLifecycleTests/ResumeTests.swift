import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// A stored stream is the same for everybody who takes it up again, whenever and wherever that is.
@Suite struct ResumeTests {
    /// All that a client would see of the events.
    private func text(_ events: [ResponseEvent]) -> [String] { events.map { "\($0)" } }

    @Test func `the stream of a stored response is what its client got, event for event`() async throws {
        var random = SeededGenerator(seed: 23)
        for _ in 0..<200 {
            let outcome: ProviderEnd.Outcome =
                [.stop, .length, .contentFilter, .failed(GatewayError(.provider, "down"))].randomElement(using: &random)
                ?? .stop
            // A first word, so that a failing provider fails a stream.
            let provider = FakeProvider([.text("a")] + ProviderEvent.randomAnswer(using: &random), outcome)
            let gateway = Gateway(provider, store: FakeStore())
            let stream = try await gateway.streamedTurn(.user("q", stream: true))
            let id = try #require(stream.last.flatMap(\.response)).id
            let again = try await gateway.resumed(id)
            #expect(text(again) == text(stream))
        }
    }

    @Test func `a response that wasn't streamed has a stream by the rules`() async throws {
        var random = SeededGenerator(seed: 29)
        for _ in 0..<100 {
            let gateway = Gateway(FakeProvider(ProviderEvent.randomAnswer(using: &random)), store: FakeStore())
            let response = try await gateway.turn(.user("q"))
            let events = try await gateway.resumed(response.id)
            try StreamRules.check(events)
            #expect(events.last.flatMap(\.response) == response)
        }
    }

    @Test func `several readers follow a running stream from its beginning, without a gap or a double`() async throws {
        let gateway = Gateway(
            FakeProvider([.text("a"), .text("b"), .reasoning("c"), .text("d")], hangs: true), store: FakeStore())
        let response = try await gateway.turn(.background("q"))
        #expect(response.status == .queued)
        let signals = [Signal(), Signal(), Signal()]
        let streams = try await withThrowingTaskGroup(of: [ResponseEvent].self) { group in
            for signal in signals {
                group.addTask {
                    try await gateway.resumed(response.id) { event in
                        if case .textDelta(_, _, "d", _) = event { signal.give() }
                    }
                }
            }
            for signal in signals { await signal.wait() }
            #expect(try await gateway.cancelled(response.id).status == .cancelled)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let stored = try await gateway.resumed(response.id)
        for stream in streams { #expect(text(stream) == text(stored)) }
        guard case .created(let created)? = stored.first else { throw GatewayError(.internal, "no begin") }
        #expect(created.status == .queued)
        #expect(stored.last.flatMap(\.response)?.status == .cancelled)
        #expect(stored.count(where: \.isTerminal) == 1)
    }

    @Test func `another server follows a running stream, and may end it`() async throws {
        let store = FakeStore()
        var policy = GatewayPolicy()
        policy.checkpointInterval = .milliseconds(1)
        policy.pollInterval = .milliseconds(1)
        let provider = FakeProvider([.text("a"), .text("b")], hangs: true)
        let here = Gateway(provider, store: store, policy: policy)
        let there = Gateway(FakeProvider([]), store: store, policy: policy)
        let response = try await here.turn(.background("q"))
        let seen = Signal()
        async let followed = there.resumed(response.id) { event in
            if case .textDelta(_, _, "b", _) = event { seen.give() }
        }
        await seen.wait()
        #expect(try await there.response(response.id, owner: "a").status == .inProgress)
        #expect(try await there.cancelled(response.id).status == .cancelled)
        let events = try await followed
        #expect(events.last.flatMap(\.response)?.status == .cancelled)
        // The one that makes it finds out when it stores it the next time; what is stored stands.
        await provider.cancelled.wait()
        #expect(text(try await here.resumed(response.id)) == text(events))
        #expect(try await here.response(response.id, owner: "a").status == .cancelled)
    }

    @Test func `a stream that is longer than what is kept of one is refused, its response is not`() async throws {
        var policy = GatewayPolicy()
        policy.maxShapeBytes = 10
        let gateway = Gateway(FakeProvider([.text("a"), .text("b")]), store: FakeStore(), policy: policy)
        let stream = try await gateway.streamedTurn(.user("q", stream: true))
        let id = try #require(stream.last.flatMap(\.response)).id
        let error = await #expect(throws: GatewayError.self) { try await gateway.resumed(id) }
        #expect(error?.code == "stream_not_kept")
        #expect(try await gateway.response(id, owner: "a").status == .completed)
    }

    @Test func `a stranger's stream is not found, as one that never was`() async throws {
        let gateway = Gateway(FakeProvider([.text("a")]), store: FakeStore())
        let id = try await gateway.turn(.user("q")).id
        let foreign = await #expect(throws: GatewayError.self) { try await gateway.resumed(id, owner: "b") }
        let unknown = await #expect(throws: GatewayError.self) { try await gateway.resumed("resp_0", owner: "b") }
        #expect(foreign?.code == "response_not_found")
        #expect(foreign?.message.replacing(id, with: "resp_0") == unknown?.message)
    }

    @Test func `a damaged shape is an error and no crash`() async throws {
        var random = SeededGenerator(seed: 31)
        let store = FakeStore()
        let gateway = Gateway(
            FakeProvider([
                .text("abc"), .reasoning("d"), .toolCall(index: 0, id: "i", name: "f"), .arguments(index: 0, "{}"),
            ]),
            store: store)
        _ = try await gateway.streamedTurn(.user("q", stream: true))
        let turn = try TurnRecord(decoding: try #require(store.records.first))
        for _ in 0..<5000 {
            var bytes = try #require(turn.shape).bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...40, using: &random)
            }
            var damaged = turn
            damaged.shape = StreamShape(bytes)
            var replay = StreamReplay()
            let stream = try StoredStream(damaged)
            while let event = try? replay.next(stream) { _ = event }
        }
    }
}
