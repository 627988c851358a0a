import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider that summarises what it is given a transcript of, answers everything else with `answer`, and counts
/// bytes. It keeps what it was asked.
final class SummarisingProvider: Provider {
    let name = "summariser"
    private let summary: ProviderEnd.Outcome
    private let words: String
    private let counts: Bool
    private let asked = Mutex<[String]>([])

    /// `counts` false: it has no count. `summary`: how summarising ends.
    init(_ words: String = "SUMMARY", summary: ProviderEnd.Outcome = .stop, counts: Bool = true) {
        self.words = words
        self.summary = summary
        self.counts = counts
    }

    /// The bodies of the requests for an answer, transcripts included.
    var bodies: [String] { asked.withLock { $0 } }
    /// Of those that weren't transcripts.
    var answers: [String] { bodies.filter { !$0.contains("<transcript>") } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let body = String(decoding: request.body, as: UTF8.self)
        asked.withLock { $0.append(body) }
        let isSummary = body.contains("<transcript>")
        let call = FakeProvider.Call(
            events: [.text(isSummary ? words : "answer")], outcome: isSummary ? summary : .stop, hangs: false,
            strand: strand, receiver: receiver)
        strand.assumeIsolated().execute { call.go() }
        return call
    }

    func count(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> (any ProviderCall)?
    {
        guard counts else { return nil }
        let count = request.body.count
        let call = FakeProvider.Call(events: [], outcome: .stop, hangs: true, strand: strand, receiver: receiver)
        strand.assumeIsolated().execute { receiver.end(ProviderEnd(.stop, usage: Usage(inputTokens: count))) }
        return call
    }
}

extension Gateway {
    /// What a client gets of `POST /v1/responses/compact`.
    func compacted(_ request: Request, owner: String = "a") async throws -> CompactedConversation {
        let runner = LoopRunner()
        return try await runner.run {
            try await self.compact(request, in: Exchange(id: "req_1", owner: owner, strand: runner.loop))
        }
    }

    /// What a client gets of `POST /v1/responses/input_tokens`.
    func counted(_ request: Request, owner: String = "a") async throws -> TokenCount {
        let runner = LoopRunner()
        return try await runner.run {
            try await self.countInput(of: request, in: Exchange(id: "req_1", owner: owner, strand: runner.loop))
        }
    }
}

extension Request {
    func compacting(_ rule: CompactionRule) -> Request {
        var request = self
        request.compaction = rule
        return request
    }
}
