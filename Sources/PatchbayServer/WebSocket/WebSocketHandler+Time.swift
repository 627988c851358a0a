import NIOCore
import PatchbayFormats
import PatchbayModel

/// What happens when time has passed.
extension WebSocketHandler: NIOScheduledCallbackHandler {
    /// Sees to it that the next thing that is due is done in time.
    func schedule() {
        guard phase != .closed, let context else { return }
        let next = clock.next(isExpired: isExpired, holdsReads: holdsReads)
        guard next != .distantFuture else { return deadline.clear() }
        deadline.set(next, on: context.eventLoop.assumeIsolated(), handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard deadline.timerFired(on: eventLoop.assumeIsolated(), handler: self) else { return }
        switch clock.due(at: .now(), isExpired: isExpired, holdsReads: holdsReads) {
        case .close, .death:
            return abort()
        case .writing:
            checkReader()
        case .message:
            close(.policyViolation, "a message didn't come whole in time")
        case .expiry:
            isExpired = true
            if turn == nil { expire() }
        case .ping:
            clock.hasPinged()
            var buffer = ByteBuffer()
            buffer.writePing()
            write(buffer)
        case nil:
            break
        }
        schedule()
    }

    /// Tells the client that the socket is too old, and closes it.
    func expire() {
        let age = server.configuration.webSocket.maxAge
        let error = GatewayError.invalid(
            "This WebSocket has been open for as long as this server allows (\(age.nanoseconds / 60_000_000_000) minutes). Open another to continue.",
            param: nil, code: "websocket_connection_limit_reached")
        var buffer = ByteBuffer()
        buffer.writeTextFrame(server.responses.message(of: error, status: HTTPStatus.badRequest.rawValue)[...])
        write(buffer)
        close(.goingAway, "the connection is too old")
    }

    /// A connection on which nothing moves is closed. One whose client still takes what waits for it, however slowly,
    /// is not.
    private func checkReader() {
        guard let context else { return }
        let pending = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard pending > 0, pending < pendingBytes else { return abort() }
        pendingBytes = pending
        clock.writeBy = .now() + server.configuration.writeTimeout
    }
}
