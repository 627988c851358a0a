import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What holds for every answer, whatever a provider says: tried with random ones.
@Suite struct AnswerPropertyTests {
    @Test func `streamed and non-streamed turns are stored alike, all item types`() async throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<150 {
            let events = ProviderEvent.randomAnswer(using: &random)
            let outcome: ProviderEnd.Outcome = [.stop, .length, .contentFilter].randomElement(using: &random) ?? .stop
            let stored = FakeStore()
            let whole = try await Gateway(FakeProvider(events, outcome), store: stored).turn(.user("q"))
            let streamedStore = FakeStore()
            let stream = try await Gateway(FakeProvider(events, outcome), store: streamedStore)
                .streamedTurn(.user("q"), slowly: Bool.random(using: &random))
            let one = try #require(stored.records.first)
            let other = try #require(streamedStore.records.first)
            let left = try TurnRecord(decoding: one)
            let right = try TurnRecord(decoding: other)
            #expect(left.withoutIDs == right.withoutIDs)
            #expect(left.response == whole)
            #expect(stream.last.flatMap(\.response) == right.response)
        }
    }

    @Test func `added, deltas, done for every item and part, in order, and the deltas are the text`() async throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let provider = FakeProvider(ProviderEvent.randomAnswer(using: &random))
            let events = try await Gateway(provider, store: nil).streamedTurn(.user("q"))
            try StreamRules.check(events)
        }
    }

    @Test func `a provider that makes no sense fails the answer, once`() async throws {
        let nonsense: [[ProviderEvent]] = [
            [.arguments(index: 0, "{}")], [.toolCallEnd(index: 3)], [.item(Array("[1]".utf8))],
            [.toolCall(index: 0, id: "a", name: "f"), .toolCall(index: 0, id: "b", name: "g")],
            [.toolCall(index: 0, id: "a", name: "")], [.annotation(Array("1".utf8))], [.logprobs(Array("{".utf8))],
        ]
        for events in nonsense {
            let stream = try await Gateway(FakeProvider([.text("x")] + events + [.text("y")]), store: nil)
                .streamedTurn(.user("q"))
            #expect(stream.count(where: \.isTerminal) == 1)
            guard case .failed(let response)? = stream.last else {
                Issue.record("\(events) was accepted")
                continue
            }
            #expect(response.error?.kind == .provider)
        }
    }

    @Test func `an answer past its bound is ended`() async throws {
        let provider = FakeProvider(Array(repeating: .text("0123456789"), count: 50), hangs: true)
        let gateway = Gateway(provider, store: nil, policy: GatewayPolicy(maxAnswerBytes: 100))
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error?.code == "answer_too_large")
    }

    @Test func `a client that leaves keeps what there was as incomplete`() async throws {
        let store = FakeStore()
        let gateway = Gateway(FakeProvider([.text("half")], hangs: true), store: store)
        let runner = LoopRunner()
        try await runner.run {
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            let sink = LeavingSink(exchange: exchange)
            try await gateway.stream(.user("q"), in: exchange, to: sink)
        }
        let record = try #require(store.records.first)
        let turn = try TurnRecord(decoding: record)
        #expect(turn.response.status == .incomplete && turn.response.incompleteReason == "cancelled")
        #expect(turn.response.output.count == 1)
    }

    /// A client that leaves at the first delta.
    private final class LeavingSink: ResponseSink, @unchecked Sendable {
        let exchange: Exchange

        init(exchange: Exchange) {
            self.exchange = exchange
        }

        func send(_ event: ResponseEvent) -> Demand {
            if case .textDelta = event { exchange.clientGone() }
            return .more
        }
    }
}

extension TurnRecord {
    /// The record with every id of ours blanked.
    fileprivate var withoutIDs: TurnRecord {
        var turn = self
        turn.response.id = ""
        for index in turn.response.output.indices {
            turn.response.output[index].id = nil
            if turn.response.output[index].callID?.hasPrefix("call_") == true {
                turn.response.output[index].callID = nil
                turn.response.output[index].body = Array(
                    String(decoding: turn.response.output[index].body, as: UTF8.self)
                        .replacing(#/"call_[0-9a-f]+"/#, with: "\"\"").utf8)
            }
        }
        turn.input = turn.input.map {
            var item = $0
            item.id = nil
            return item
        }
        return turn
    }
}

extension ResponseEvent {
    var response: Response? {
        switch self {
        case .completed(let response), .incomplete(let response), .failed(let response): response
        default: nil
        }
    }
}
