import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Streams that are taken up again and can't go on: they end with an error as any other stream does (behaviour 21).
@Suite(.timeLimit(.minutes(1))) struct BrokenStreamTests {
    private let store = FakeStore()
    private let here: Gateway
    private let there: Gateway

    init() {
        var policy = GatewayPolicy()
        policy.checkpointInterval = .milliseconds(1)
        policy.pollInterval = .milliseconds(1)
        here = Gateway(FakeProvider([.text("a"), .text("b")], hangs: true), store: store, policy: policy)
        there = Gateway(FakeProvider([]), store: store, policy: policy)
    }

    /// What a client of the other server gets of a stream to which something happens after its last delta.
    private func events(_ happens: (_ id: String) async throws -> Void) async throws -> [ResponseEvent] {
        let id = try await here.turn(.background("q")).id
        let seen = Signal()
        async let followed = there.resumed(id) { event in
            if case .textDelta(_, _, "b", _) = event { seen.give() }
        }
        await seen.wait()
        try await happens(id)
        return try await followed
    }

    private func check(_ events: [ResponseEvent], _ code: String?, _ kind: GatewayError.Kind) throws {
        try StreamRules.check(events.filter { if case .queued = $0 { false } else { true } })
        guard case .error(let error)? = events.dropLast().last, case .failed(let response)? = events.last else {
            Issue.record("not error, then response.failed")
            return
        }
        #expect(error.kind == kind && error.code == code)
        #expect(response.status == .failed && response.error == error)
        #expect(response.output.count == 1)
    }

    @Test func `one whose response is deleted`() async throws {
        try check(try await events { store.lose($0) }, "response_not_found", .notFound)
    }

    @Test func `one whose store fails`() async throws {
        try check(try await events { _ in store.failReads() }, nil, .storage)
    }

    @Test func `one whose response began anew, and has the same events again`() async throws {
        let events = try await events { id in
            let record = try #require(try await store.get(id, owner: "a"))
            var turn = try TurnRecord(decoding: record)
            turn.attempt += 1
            var changed = record
            (changed.value, changed.blobs) = turn.encoded()
            try await store.put(changed, if: .version(record.version), owner: "a", durable: true)
        }
        try check(events, "response_running", .conflict)
    }

    @Test func `before the first event it is an error and no stream`() async throws {
        let id = try await here.turn(.background("q")).id
        store.failReads()
        let error = await #expect(throws: GatewayError.self) { try await there.resumed(id) }
        #expect(error?.kind == .storage)
    }

    @Test func `one that is made here and becomes longer than what is kept`() async throws {
        var policy = GatewayPolicy()
        policy.maxShapeBytes = 8
        let provider = HeldProvider()
        let gateway = Gateway(provider, store: store, policy: policy)
        let id = try await gateway.turn(.background("q")).id
        await provider.asked.wait()
        let seen = Signal()
        async let followed = gateway.resumed(id) { event in
            if case .inProgress = event { seen.give() }
        }
        await seen.wait()
        provider.end([.text("a"), .text("b")])
        let events = try await followed
        guard case .error(let error)? = events.dropLast().last, case .failed(let response)? = events.last else {
            Issue.record("not error, then response.failed")
            return
        }
        #expect(error.code == "stream_not_kept" && response.status == .failed && response.id == id)
        #expect(events.count(where: \.isTerminal) == 1)
    }
}
