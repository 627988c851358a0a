import Logging
import NIOCore
import PatchbayFormats
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel

/// One message of a WebSocket, from its arrival until the last frame of its answer is written: encodes the lifecycle's
/// events and writes them, each a frame. Confined to the connection's event loop.
///
/// As in `EventStream`, events of one pass of the event loop leave together.
final class WebSocketTurn: ResponseSink {
    let exchange: Exchange
    let connection: WebSocketHandler
    /// The response that the message continues.
    var previous: String?
    private let started = NIODeadline.now()
    private let loop: NIOIsolatedEventLoop
    private var encoder = ResponsesEventEncoder(framing: .messages)
    private var json = JSONWriter()
    /// Written as frames and not yet to the connection.
    private var frames = ByteBuffer()
    private var flushIsScheduled = false
    private var bytesSent = 0
    private var isOver = false

    /// Written at once when so much has gathered, bytes.
    private let flushThreshold = 16 << 10
    /// A larger buffer isn't kept for the next events.
    private let keptCapacity = 2 << 10

    init(exchange: Exchange, connection: WebSocketHandler) {
        self.exchange = exchange
        self.connection = connection
        loop = exchange.strand.assumeIsolated()
    }

    func send(_ event: ResponseEvent) -> Demand {
        guard !isOver else { return .more }
        if case .error(let error) = event {
            encoder.encode(error, status: error.webSocketStatus, into: &json)
        } else {
            encoder.encode(event, into: &json)
        }
        takeFrames()
        if event.isTerminal {
            if case .failed = event { forget() }
            flush()
            end(status: HTTPStatus.ok.rawValue)
            return .more
        }
        if frames.readableBytes >= flushThreshold {
            flush()
        } else if !flushIsScheduled {
            flushIsScheduled = true
            loop.execute { [self] in
                flushIsScheduled = false
                flush()
            }
        }
        return connection.demand()
    }

    /// Answers with an error, before a response has begun.
    func fail(_ error: GatewayError) {
        guard !isOver else { return }
        forget()
        frames.writeTextFrame(connection.server.responses.message(of: error, status: error.webSocketStatus)[...])
        flush()
        end(status: error.webSocketStatus)
    }

    /// The lifecycle says that the response has ended. If its last event never came, the connection's end must tell.
    func returned() {
        guard !isOver else { return }
        connection.close(.internalError, "the response has no end")
    }

    /// The client has gone, before everything was written.
    func clientGone() {
        guard !isOver else { return }
        end(status: 499)
        exchange.clientGone()
    }

    /// What couldn't be continued isn't remembered any longer.
    private func forget() {
        connection.memory.forget(previous)
    }

    private func takeFrames() {
        var start = 0
        for end in encoder.ends {
            frames.writeTextFrame(json.bytes[start..<end])
            start = end
        }
        encoder.ends.removeAll(keepingCapacity: true)
        if json.bytes.capacity > keptCapacity { json = JSONWriter() } else { json.reset() }
    }

    private func flush() {
        guard frames.readableBytes > 0, !isOver else { return }
        bytesSent += frames.readableBytes
        connection.write(frames)
        frames = ByteBuffer()
    }

    private func end(status: Int) {
        isOver = true
        frames = ByteBuffer()
        logAccess(status: status)
    }

    /// The access log's line, without anything that a user said.
    private func logAccess(status: Int) {
        let logger = connection.server.logger
        guard logger.logLevel <= .info else { return }
        let time = NIODeadline.now() - started
        logger.info(
            "request",
            metadata: [
                "method": "WEBSOCKET", "path": "/v1/responses", "status": .stringConvertible(status),
                "owner": .string(exchange.owner), "request_id": .string(exchange.id),
                "ms": .stringConvertible(time.nanoseconds / 1_000_000), "bytes": .stringConvertible(bytesSent),
                "stream": .stringConvertible(true),
            ])
    }
}

extension GatewayError {
    /// The status in an error's message. That a response isn't known is 400 here: so the protocol has it.
    fileprivate var webSocketStatus: Int {
        code == "previous_response_not_found" ? HTTPStatus.badRequest.rawValue : status.rawValue
    }
}
