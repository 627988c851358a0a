import NIOCore
import PatchbayModel

@testable import PatchbayLifecycle

/// What clients do with responses that are being made, each on a strand of its own.
extension Gateway {
    /// The stream of a stored response, from its beginning, as another client gets it.
    func resumed(_ id: String, owner: String = "a", onEvent: (@Sendable (ResponseEvent) -> Void)? = nil) async throws
        -> [ResponseEvent]
    {
        let runner = LoopRunner()
        return try await runner.run {
            let sink = RecordingSink()
            sink.onEvent = onEvent
            try await self.resume(
                id, in: Exchange(id: "req_2", owner: owner, strand: runner.loop), to: sink)
            return sink.events
        }
    }

    func cancelled(_ id: String, owner: String = "a") async throws -> Response {
        let runner = LoopRunner()
        return try await runner.run {
            try await self.cancelResponse(id, in: Exchange(id: "req_3", owner: owner, strand: runner.loop))
        }
    }

    func recovered() async {
        await recover(owners: ["b", "a"]) { Exchange(id: "req_4", owner: $0, strand: LoopRunner().loop) }
    }
}

extension Request {
    static func background(_ text: String, stream: Bool = false) -> Request {
        var request = Request.user(text)
        request.background = true
        request.stream = stream
        return request
    }
}

/// Tells once when something has been seen.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func give() { continuation.finish() }

    func wait() async {
        for await _ in stream {}
    }
}
