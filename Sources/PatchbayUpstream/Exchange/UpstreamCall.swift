import NIOCore
import NIOHTTP1

/// One request under way. All of it happens on the loop that it was started on, and it may be used there only.
package final class UpstreamCall {
    /// Its headers and the body are kept until the reply begins, for as long as the request may have to be sent again.
    private(set) var head: HTTPRequestHead
    private(set) var body: ByteBuffer
    let closesConnection: Bool
    /// It met a connection that the upstream had closed while it was idle, and is sent again.
    private(set) var needsFreshConnection = false
    /// A connection is being made on its account.
    var hasAttempt = false
    /// Its place in the loop's list of calls; -1 when it is in none.
    var index = -1
    private(set) var connectDeadline: NIODeadline

    let timeouts: UpstreamTimeouts
    let limits: UpstreamLimits
    let asked: UpstreamFraming
    let pool: DestinationPool
    var delegate: (any UpstreamDelegate)?
    var delivery = Delivery()

    private var connection: UpstreamConnection?
    private var phase = Phase.waiting
    private let totalDeadline: NIODeadline
    /// When the request was sent, or the last bytes of the reply came.
    private var lastProgress: NIODeadline
    private var wasSent = false

    private enum Phase {
        /// For a connection.
        case waiting
        case awaitingHead
        case body
        /// The reply is whole, but not wholly delivered.
        case delivering
        case ended
    }

    var loopPool: LoopPool { pool.owner }

    init(_ request: UpstreamRequest, head: HTTPRequestHead, pool: DestinationPool, delegate: any UpstreamDelegate) {
        let now = NIODeadline.now()
        self.head = head
        self.pool = pool
        self.delegate = delegate
        body = request.body
        closesConnection = head.headers.contains(name: "connection")
        timeouts = request.timeouts
        limits = request.limits
        asked = request.framing
        lastProgress = now
        connectDeadline = now.after(request.timeouts.connect)
        totalDeadline = now.after(request.timeouts.total)
    }

    /// Stops the reply: nothing is delivered until `resume`, and no more is read from the connection, so that the
    /// upstream comes to wait too. What one read had brought is kept. The limits `head` and `idle` stand still, `total`
    /// doesn't.
    package func pause() {
        loopPool.loop.preconditionInEventLoop()
        delivery.isPaused = true
    }

    /// Goes on after `pause`; what was kept is delivered in a later turn of the loop.
    package func resume() {
        loopPool.loop.preconditionInEventLoop()
        guard delivery.isPaused else { return }
        delivery.isPaused = false
        lastProgress = .now()
        loopPool.arm(nextDeadline)
        deliverLater()
    }

    /// Ends the call and closes its connection. `upstreamDone` (`.cancelled`) follows after this has returned, and
    /// nothing before it. After the end of the call this does nothing.
    package func cancel() {
        loopPool.loop.preconditionInEventLoop()
        loopPool.callout { fail(.cancelled) }
    }

    /// Ends the call at once: what is not yet delivered is dropped.
    func fail(_ reason: UpstreamOutcome.Reason) {
        guard !isOver else { return }
        phase = .ended
        delivery.drop()
        delivery.outcome = UpstreamOutcome(reason, requestSent: wasSent)
        // Not any more among the calls whose limits are kept; its own references let it live until it has told its end.
        loopPool.remove(self)
        if let connection {
            self.connection = nil
            connection.abandon()
        } else {
            pool.abandon(self)
        }
        deliver()
    }

    private var isOver: Bool {
        if case .ended = phase { true } else { false }
    }
}

// MARK: What the pool and the connection say

extension UpstreamCall {
    func isSent(on connection: UpstreamConnection) {
        self.connection = connection
        phase = .awaitingHead
        wasSent = true
        lastProgress = .now()
        loopPool.arm(nextDeadline)
    }

    var holdsReading: Bool { delivery.isPaused }

    func receive(_ head: HTTPResponseHead) {
        guard !isOver else { return }
        phase = .body
        self.head.headers = HTTPHeaders()
        body = ByteBuffer()
        lastProgress = .now()
        loopPool.arm(nextDeadline)
        let size = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        if size > limits.maxHeaderBytes {
            fail(.limit(.headerBytes))
            return
        }
        let framing = ReplyFraming.of(head, asked: asked)
        delivery.begin(framing, limits)
        take(.head(UpstreamHead(status: Int(head.status.code), headers: head.headers, framing: framing)))
    }

    func receive(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        take(.body(bytes))
    }

    /// One read's bytes have been given over.
    func readCompleted() {
        lastProgress = .now()
        if case .body = phase, delivery.canDeliver, !loopPool.isInCallout { tell { $0.upstreamReadComplete() } }
    }

    /// The reply is whole, and its connection has gone back to the pool.
    func replyEnded() {
        guard !isOver else { return }
        connection = nil
        phase = .delivering
        take(.end)
    }

    func connectionLost(_ reason: UpstreamOutcome.Reason, canSendAgain: Bool) {
        guard !isOver else { return }
        connection = nil
        if canSendAgain, !needsFreshConnection {
            needsFreshConnection = true
            hasAttempt = false
            phase = .waiting
            connectDeadline = NIODeadline.now().after(timeouts.connect)
            loopPool.arm(nextDeadline)
            pool.acquire(self)
            return
        }
        phase = .delivering
        take(.lost(reason))
    }

    /// What was kept has been delivered: the connection may be read again.
    func caughtUp() {
        guard !isOver, delivery.canDeliver else { return }
        tell { $0.upstreamReadComplete() }
        if !delivery.isPaused { connection?.resumeReading() }
    }

    /// Has been told its end.
    func ended() {
        phase = .ended
        connection = nil
        delegate = nil
        loopPool.remove(self)
    }

    var requestSent: Bool { wasSent }
}

// MARK: Time limits

extension UpstreamCall {
    /// When the call will be over unless something happens.
    var nextDeadline: NIODeadline {
        switch phase {
        case .waiting: min(connectDeadline, totalDeadline)
        case .awaitingHead where !delivery.isPaused: min(lastProgress.after(timeouts.head), totalDeadline)
        case .body where !delivery.isPaused: min(lastProgress.after(timeouts.idle), totalDeadline)
        case .awaitingHead, .body, .delivering: totalDeadline
        case .ended: .distantFuture
        }
    }

    func expire(at now: NIODeadline) {
        guard nextDeadline <= now else { return }
        if totalDeadline <= now {
            fail(.timeout(.total))
            return
        }
        switch phase {
        case .waiting: fail(.timeout(.connect))
        case .awaitingHead: fail(.timeout(.head))
        case .body, .delivering, .ended: fail(.timeout(.idle))
        }
    }
}

extension NIODeadline {
    /// This much later; never, for nil.
    fileprivate func after(_ time: TimeAmount?) -> NIODeadline {
        time.map { self + $0 } ?? .distantFuture
    }
}
