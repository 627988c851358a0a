import NIOCore
import NIOWebSocket
import PatchbayLifecycle

/// The end of a WebSocket's pipeline: takes messages, has them answered one after the other, and writes the frames.
///
/// While a message is answered, control frames still are, and further messages wait: one read's worth here, the rest
/// in the socket.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// The server's close frame is out. What comes before the client's is dropped.
        case closing
        case closed
    }

    let server: ServerContext
    /// Who opened it; the owner of all its turns.
    let owner: String
    /// The id of the request that opened it.
    let id: String
    let executor: EventLoopExecutor
    let memory: SessionMemory
    let opened = NIODeadline.now()

    var phase = Phase.open
    var context: ChannelHandlerContext?
    var turn: WebSocketTurn?
    /// Turns that have ended.
    var turns = 0
    /// Messages that came while another was being answered.
    var waiting = CircularBuffer<[UInt8]>(initialCapacity: 0)
    var waitingBytes = 0
    private var assembler: MessageAssembler
    private var readIsHeld = false

    /// The server is stopping.
    var isDraining = false
    /// The socket is older than it may be.
    var isExpired = false
    var isWritable = true
    /// The turn was told to pause.
    private var isPaused = false

    var deadline = Deadline()
    var clock: SocketClock
    /// A frame has come since the last read began.
    private var hasFrame = false
    /// What the client hadn't taken when last looked at, bytes.
    var pendingBytes = Int.max
    private var closeCode: UInt16 = 1006

    init(server: ServerContext, owner: String, id: String, executor: EventLoopExecutor) {
        self.server = server
        self.owner = owner
        self.id = id
        self.executor = executor
        memory = SessionMemory(budget: server.sessions)
        assembler = MessageAssembler(limit: server.configuration.bodyLimit)
        clock = SocketClock(server.configuration, opened: opened)
    }

    // MARK: the channel's events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        schedule()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        hasFrame = true
        guard phase != .closed else { return }
        do throws(WebSocketViolation) {
            try take(try assembler.take(frame))
        } catch {
            if phase == .open { close(error) } else { abort() }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        clock.heard(hasFrame: hasFrame, isWithinMessage: assembler.isWithinMessage)
        hasFrame = false
        if clock.messageIsPartial { schedule() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase == .open, let error = error as? NIOWebSocketError else { return abort() }
        switch error {
        case .invalidFrameLength:
            close(WebSocketViolation(.messageTooBig, "the message is larger than this server takes"))
        case .fragmentedControlFrame, .multiByteControlFrameLength:
            close(WebSocketViolation(.protocolError, "a control frame must be whole and at most 125 bytes"))
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            clock.writeBy = .distantFuture
            if isPaused {
                isPaused = false
                turn?.exchange.readerIsReady()
            }
            readOn()
        } else {
            pendingBytes = Int.max
            clock.writeBy = .now() + server.configuration.writeTimeout
        }
        schedule()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if holdsReads { readIsHeld = true } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ServerEvent else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        if let turn {
            if case .stop = event { turn.exchange.shutdown() }
        } else if phase == .open {
            close(.goingAway, "the server is stopping")
        }
    }

    // MARK: frames

    private func take(_ input: MessageAssembler.Input) throws(WebSocketViolation) {
        switch input {
        case .nothing, .pong:
            break
        case .ping(let payload):
            guard phase == .open else { return }
            var buffer = ByteBuffer()
            buffer.writePong(payload)
            write(buffer)
        case .close(let code):
            closed(by: code)
        case .text(let message):
            guard phase == .open else { return }
            try receive(message)
        }
    }

    /// The client closes: it is told that this is known, and that is the end.
    private func closed(by code: UInt16?) {
        closeCode = code ?? 1005
        guard phase == .open, let context else { return abort() }
        phase = .closing
        turn?.clientGone()
        var buffer = ByteBuffer()
        if let code { buffer.writeClose(code, "") } else { buffer.writeClose() }
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { [self] _ in abort() }
        clock.closeBy = .now() + server.configuration.lingerTimeout
        schedule()
    }

    func close(_ violation: WebSocketViolation) {
        close(violation.code, violation.reason)
    }

    /// Says why, and ends the sending; the client ends the rest, or a timer does.
    func close(_ code: CloseCode, _ reason: StaticString) {
        guard phase == .open, let context else { return }
        phase = .closing
        closeCode = code.rawValue
        waiting.removeAll()
        turn?.clientGone()
        var buffer = ByteBuffer()
        buffer.writeClose(code.rawValue, reason)
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: .output, promise: nil)
        }
        clock.closeBy = .now() + server.configuration.lingerTimeout
        schedule()
        readOn()
    }

    func write(_ buffer: ByteBuffer) {
        guard phase == .open, let context else { return }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// Whether the turn's reader is ready for more; if not, it will be told when it is.
    func demand() -> Demand {
        if isWritable { return .more }
        isPaused = true
        return .pause
    }

    // MARK: reading

    /// Nothing more is wanted from the client just now.
    var holdsReads: Bool { phase == .open && (!waiting.isEmpty || !isWritable) }

    func readOn() {
        guard readIsHeld, !holdsReads, let context else { return }
        readIsHeld = false
        clock.heard(hasFrame: true, isWithinMessage: assembler.isWithinMessage)
        context.read()
    }

    /// Ends the connection here and now.
    func abort() {
        context?.close(promise: nil)
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        deadline.cancel()
        waiting.removeAll()
        context = nil
        turn?.clientGone()
        turn = nil
        server.sockets.remove()
        logEnd(code: closeCode)
    }
}
