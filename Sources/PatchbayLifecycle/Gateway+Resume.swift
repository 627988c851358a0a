import NIOCore
import PatchbayModel

/// Streams of stored responses, from their beginning: of those that have ended, that are being made here, and that
/// another server makes.
extension Gateway {
    /// Sends the whole stream of a stored response, and what still comes. Throws only while nothing has been sent, and
    /// for a stored response that is damaged.
    package func resume(_ id: String, in exchange: Exchange, to sink: any ResponseSink) async throws(GatewayError) {
        if let live = live.find(id, owner: exchange.owner) {
            guard live.isRecorded else { throw Self.notStreamed(id) }
            return try await follow(live, in: exchange, to: sink)
        }
        let reader = StreamReader(exchange: exchange, sink: sink)
        defer { exchange.detach() }
        var replay = StreamReplay()
        while !replay.isOver, exchange.cancelled == nil {
            guard Identifier.isResponse(id), let record = try await store?.get(id, owner: exchange.owner) else {
                throw Self.responseNotFound(id)
            }
            let stream = try StoredStream(await settled(record, owner: exchange.owner))
            guard !replay.isAhead(of: stream) else { throw Self.begunAnew(id) }
            while exchange.cancelled == nil, let event = try replay.next(stream) { await reader.send(event) }
            if !replay.isOver { await reader.pause(for: policy.pollInterval) }
        }
    }

    /// Sends the stream of a response that is made here.
    func follow(_ live: LiveResponse, in exchange: Exchange, to sink: any ResponseSink) async throws(GatewayError) {
        let reader = StreamReader(exchange: exchange, sink: sink) { live.releaseFollowers() }
        defer { exchange.detach() }
        var replay = StreamReplay()
        while !replay.isOver, exchange.cancelled == nil {
            let batch: LiveResponse.Batch
            (batch, replay) = await live.events(after: replay)
            for event in try batch.get() where exchange.cancelled == nil { await reader.send(event) }
        }
    }

    private static func begunAnew(_ id: String) -> GatewayError {
        GatewayError(
            .conflict, "The response '\(id.prefix(128))' began anew, since its server ended. Ask for its stream again.",
            code: "response_running")
    }

    private static func notStreamed(_ id: String) -> GatewayError {
        .invalid(
            "The response '\(id.prefix(128))' is still running, and isn't streamed. Ask without 'stream', or once it has ended.",
            param: "stream", code: "stream_not_kept")
    }
}

/// Writes a stream to a client at the client's own pace. Confined to the exchange's strand.
final class StreamReader: ProviderCall, @unchecked Sendable {
    private let exchange: Exchange
    private let sink: any ResponseSink
    private let onCancel: () -> Void
    private var isPaused = false
    private var waiting: CheckedContinuation<Void, Never>?
    private var timer: Scheduled<Void>?

    /// `onCancel`: the client went away.
    init(exchange: Exchange, sink: any ResponseSink, onCancel: @escaping () -> Void = {}) {
        self.exchange = exchange
        self.sink = sink
        self.onCancel = onCancel
        exchange.attach(self)
    }

    /// Sends an event, and returns when the client has caught up.
    func send(_ event: ResponseEvent) async {
        exchange.strand.preconditionInEventLoop()
        isPaused = sink.send(event) == .pause
        if isPaused, exchange.cancelled == nil { await withCheckedContinuation { waiting = $0 } }
    }

    /// Returns after a while, or once the client has gone.
    func pause(for time: TimeAmount) async {
        guard exchange.cancelled == nil else { return }
        await withCheckedContinuation { continuation in
            waiting = continuation
            timer = exchange.strand.scheduleTask(in: time) { self.wake() }
        }
        timer?.cancel()
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        wake()
    }

    func cancel(_ reason: CancelReason) {
        wake()
        onCancel()
    }

    private func wake() {
        waiting?.resume()
        waiting = nil
    }
}
