import NIOCore
import NIOHTTP1
import NIOWebSocket
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// From HTTP to WebSocket.
extension ConnectionHandler {
    /// Answers a handshake. If it is accepted, this handler and the decoder of HTTP leave the pipeline.
    func upgrade(_ job: RequestJob, by handshake: WebSocketHandshake) {
        let configuration = server.configuration.webSocket
        let acceptance: String
        do throws(WebSocketHandshake.Refusal) {
            acceptance = try handshake.accept(isEnabled: configuration.isEnabled, hasKeys: server.keys.hasKeys)
            guard !isDraining, server.sockets.add() else {
                throw WebSocketHandshake.Refusal(
                    error: GatewayError(
                        .overloaded,
                        isDraining
                            ? "This server is stopping." : "This server has as many WebSockets as it takes. Try again.",
                        code: "too_many_websockets", retryAfter: 1),
                    status: .serviceUnavailable)
            }
        } catch {
            var answer = Answer(error.status, body: server.responses.body(of: error.error))
            answer.retryAfter = error.error.retryAfter
            answer.headers = error.headers
            job.closes = true
            return job.answer(answer)
        }
        guard let context else { return server.sockets.remove() }

        var buffer = context.channel.allocator.buffer(capacity: ByteBuffer.headCapacity)
        buffer.writeStaticString(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ")
        buffer.writeString(acceptance)
        buffer.writeStaticString("\r\nx-request-id: ")
        buffer.writeString(job.exchange.id)
        buffer.writeStaticString("\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        job.upgraded()
        let socket = WebSocketHandler(
            server: server, owner: job.exchange.owner, id: job.exchange.id, executor: executor)
        do {
            try leave(to: socket, context)
        } catch {
            server.sockets.remove()
            context.close(promise: nil)
        }
    }

    private func leave(to socket: WebSocketHandler, _ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        let http = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let decoder = WebSocketFrameDecoder(maxFrameSize: min(server.configuration.bodyLimit, Int(UInt32.max)))
        try pipeline.addHandlers(ByteToMessageHandler(decoder), socket, position: .after(self))
        self.job = nil
        phase = .closed
        deadline.cancel()
        releaseRead()
        self.context = nil
        pipeline.removeHandler(context: context, promise: nil)
        // What it has of the client's frames, it passes on as it goes.
        pipeline.removeHandler(context: http, promise: nil)
    }
}

extension ConnectionHandler: RemovableChannelHandler {}
