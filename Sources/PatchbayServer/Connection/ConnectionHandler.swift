import NIOCore
import NIOHTTP1
import PatchbayLifecycle
import PatchbayModel

/// The end of a connection's pipeline: takes requests one after the other, has each answered, and writes the answers'
/// bytes.
///
/// While a request is answered, the next ones wait where they are: in the socket, but for what had been read already.
/// That the client has gone is noticed all the same, since the event loop always watches for the end of a connection's
/// input. (A client that only ends its sending is taken to have gone; so it is in most servers.)
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between two requests.
        case idle
        /// A request's head is there and its body is not.
        case receiving
        /// A request is being answered.
        case running
        /// The last answer is on its way out; nothing more is taken.
        case closing
        /// The last answer is out; what the client still sends is dropped, so that it gets to read the answer.
        case lingering
        case closed
    }

    /// What came while something else was being answered.
    enum Waiting {
        case part(HTTPServerRequestPart)
        case failure(HTTPStatus)
    }

    let server: ServerContext
    let executor: EventLoopExecutor
    /// One connection too many: it is told so.
    private let isRefused: Bool

    var phase = Phase.idle
    var job: RequestJob?
    var context: ChannelHandlerContext?
    /// The server is stopping: every answer is the last of its connection.
    var isDraining = false
    var isWritable = true
    /// The stream was told to pause.
    private var isPaused = false
    var waiting = CircularBuffer<Waiting>(initialCapacity: 0)
    private var isAdvancing = false
    private var readIsHeld = false
    /// What the request whose body comes wants to become.
    var handshake: WebSocketHandshake?
    var deadline = Deadline()
    /// What the client hadn't taken when last looked at, bytes.
    var pendingBytes = Int.max

    init(server: ServerContext, loop: any EventLoop, isRefused: Bool) {
        self.server = server
        self.executor = EventLoopExecutor(loop)
        self.isRefused = isRefused
    }

    // MARK: the channel's events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        if isRefused {
            refuse(
                GatewayError(.overloaded, "This server has as many connections as it takes. Try again.", retryAfter: 1))
        } else {
            setDeadline(server.configuration.keepAliveTimeout)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        waiting.removeAll()
        deadline.cancel()
        let job = self.job
        self.job = nil
        self.context = nil
        if let job, job.isStarted { job.clientGone() }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch phase {
        case .idle, .receiving:
            if waiting.isEmpty, isWritable { take(part) } else { wait(.part(part)) }
        case .running:
            wait(.part(part))
        case .closing:
            break
        case .lingering:
            if case .end = part { context.close(promise: nil) }
        case .closed:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, context.channel.isActive else {
            return context.close(promise: nil)
        }
        let status: HTTPStatus = error == .headerOverflow ? .headersTooLarge : .badRequest
        switch phase {
        case .idle where waiting.isEmpty, .receiving where waiting.isEmpty: refuse(status)
        case .idle, .receiving, .running: wait(.failure(status))
        case .closing, .lingering, .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            if isPaused {
                isPaused = false
                job?.exchange.readerIsReady()
            }
            switch phase {
            case .idle: setDeadline(server.configuration.keepAliveTimeout)
            case .receiving: setDeadline(server.configuration.requestTimeout)
            case .running: setDeadline(server.configuration.sseCommentInterval)
            case .closing, .lingering, .closed: break
            }
            advance()
        } else {
            pendingBytes = Int.max
            setDeadline(server.configuration.writeTimeout)
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        // Also while a request runs, up to one read's worth of the next: to stop and start reading for each request
        // costs two system calls.
        if isWritable && waiting.isEmpty { context.read() } else { readIsHeld = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? ServerEvent {
        case .drain:
            isDraining = true
            if phase == .idle { context.close(promise: nil) }
        case .stop:
            isDraining = true
            switch phase {
            case .idle, .receiving: context.close(promise: nil)
            case .running: job?.exchange.shutdown()
            case .closing, .lingering, .closed: break
            }
        case nil:
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: one after the other

    /// Whether the stream's reader is ready for more; if not, it will be told when it is.
    func demand() -> Demand {
        if isWritable { return .more }
        isPaused = true
        return .pause
    }

    private func wait(_ entry: Waiting) {
        // One read's worth is less; more comes only together with the connection's end.
        guard waiting.count < 8192 else { return abort() }
        waiting.append(entry)
    }

    /// Takes what waits, as far as that is possible now, and then reads on.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        while isWritable, phase == .idle || phase == .receiving, let next = waiting.popFirst() {
            switch next {
            case .part(let part): take(part)
            case .failure(let status): refuse(status)
            }
        }
        isAdvancing = false
        if isWritable, waiting.isEmpty { releaseRead() }
    }

    /// Does the reading that had to wait.
    func releaseRead() {
        guard readIsHeld, let context else { return }
        readIsHeld = false
        context.read()
    }

    /// Ends the connection here and now, an answer that is under way included.
    func abort() {
        context?.close(promise: nil)
    }
}

/// What the server tells its connections.
enum ServerEvent {
    /// End with the answer that is under way.
    case drain
    /// End what is under way.
    case stop
}
