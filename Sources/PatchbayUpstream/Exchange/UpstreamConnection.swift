import NIOCore
import NIOHTTP1
import NIOTLS

/// The last handler of a connection: it carries one call after another, and gives the connection back to its pool
/// between them.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let channel: any Channel
    private let pool: DestinationPool
    /// Set while the connection is being made.
    var attempt: ConnectionAttempt?
    /// Since when it waits in the pool.
    var idleSince = NIODeadline.distantPast

    private var call: UpstreamCall?
    private var context: ChannelHandlerContext?
    private var exchanges = 0
    private var hasHead = false
    private var hasEnd = false
    private var staysOpen = true
    /// What went wrong, when the connection closes for that.
    private var failure: UpstreamOutcome.Reason?
    /// The channel asked for bytes while the call was paused.
    private var isReadHeld = false

    init(channel: any Channel, pool: DestinationPool, attempt: ConnectionAttempt) {
        self.channel = channel
        self.pool = pool
        self.attempt = attempt
    }

    var isOpen: Bool { channel.isActive && failure == nil }

    /// Sends the call's request. The connection must be open and without a call.
    func run(_ call: UpstreamCall) {
        guard let context else {
            call.connectionLost(.reset, canSendAgain: true)
            return
        }
        self.call = call
        exchanges += 1
        hasHead = false
        hasEnd = false
        staysOpen = !call.closesConnection
        call.isSent(on: self)
        context.write(wrapOutboundOut(.head(call.head)), promise: nil)
        if call.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Closes; a call that is still here hears that its connection was lost.
    func close() {
        channel.close(promise: nil)
    }

    /// The call has ended on its own: nobody wants the rest of the reply.
    func abandon() {
        call = nil
        close()
    }

    /// The call takes bytes again.
    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    private func endExchange() {
        guard let call else { return }
        self.call = nil
        resumeReading()
        // A request that is not wholly written, or a reply with bytes after it, spoils the connection for the next.
        let unwritten = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if staysOpen, unwritten == 0, isOpen {
            pool.release(self)
        } else {
            close()
        }
        call.replyEnded()
    }

    private func lost() {
        if let attempt {
            self.attempt = nil
            attempt.connectionLost(failure ?? .reset)
            return
        }
        if let call {
            self.call = nil
            if hasEnd, failure == nil {
                call.replyEnded()
            } else {
                // An idle connection may close while a request is on its way to it; such a request was not looked at.
                let wasStale = exchanges > 1 && !hasHead && (failure ?? .reset) == .reset
                call.connectionLost(failure ?? .reset, canSendAgain: wasStale)
            }
        }
        pool.closed(self)
    }
}

// MARK: The channel's events

extension UpstreamConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { attempt?.succeed(self) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let call else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasHead = true
            staysOpen = staysOpen && head.isKeepAlive
            if head.status == .switchingProtocols {
                fail(.protocolError("the reply is 101 Switching Protocols"), context)
            } else {
                call.receive(head)
            }
        case .body(let bytes):
            call.receive(bytes)
        case .end:
            hasEnd = true
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Not at the end itself: bytes behind it, in the same read, must not become the next call's reply.
        if hasEnd { endExchange() } else { call?.readCompleted() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if let call, call.holdsReading { isReadHeld = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The reply is whole: what comes behind it only costs the connection.
        if hasEnd {
            staysOpen = false
            if call == nil { context.close(promise: nil) }
            return
        }
        fail(FailureReason.ofConnection(error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost()
        context.fireChannelInactive()
    }

    private func fail(_ reason: UpstreamOutcome.Reason, _ context: ChannelHandlerContext) {
        if failure == nil { failure = reason }
        context.close(promise: nil)
    }
}
