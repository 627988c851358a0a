import NIOCore

/// When something of a WebSocket is due.
struct SocketClock {
    private let pingInterval: TimeAmount?
    private let messageTimeout: TimeAmount
    /// When the socket is too old.
    private let expires: NIODeadline
    /// When the client was last heard.
    private var heard: NIODeadline
    /// When it was asked whether it is there, since it was last heard.
    private var pinged: NIODeadline?
    /// When the message began of which a part has come.
    private var began: NIODeadline?
    /// When the client must have taken something.
    var writeBy = NIODeadline.distantFuture
    /// When the closing must be over.
    var closeBy = NIODeadline.distantFuture

    init(_ configuration: ServerConfiguration, opened: NIODeadline) {
        pingInterval = configuration.webSocket.pingInterval
        messageTimeout = configuration.requestTimeout
        expires = opened + configuration.webSocket.maxAge
        heard = opened
    }

    var messageIsPartial: Bool { began != nil }

    /// Bytes have come; `hasFrame`: a whole frame among them.
    mutating func heard(at now: NIODeadline = .now(), hasFrame: Bool, isWithinMessage: Bool) {
        heard = now
        pinged = nil
        if isWithinMessage || !hasFrame { began = began ?? now } else { began = nil }
    }

    mutating func hasPinged(at now: NIODeadline = .now()) {
        pinged = now
    }

    enum Due: Equatable {
        case close, writing, message, ping, death, expiry
    }

    /// What is due now, the most urgent first. `isExpired`: that is known. `holdsReads`: the client can't be heard.
    func due(at now: NIODeadline, isExpired: Bool, holdsReads: Bool) -> Due? {
        guard closeBy == .distantFuture else { return now >= closeBy ? .close : nil }
        if now >= writeBy { return .writing }
        if !isExpired, now >= expires { return .expiry }
        guard !holdsReads else { return nil }
        if let began, now >= began + messageTimeout { return .message }
        if let pingInterval {
            if let pinged { return now >= pinged + pingInterval ? .death : nil }
            if now >= heard + pingInterval { return .ping }
        }
        return nil
    }

    /// When to look again.
    func next(isExpired: Bool, holdsReads: Bool) -> NIODeadline {
        guard closeBy == .distantFuture else { return closeBy }
        var next = writeBy
        if !isExpired { next = min(next, expires) }
        guard !holdsReads else { return next }
        if let began { next = min(next, began + messageTimeout) }
        if let pingInterval { next = min(next, (pinged ?? heard) + pingInterval) }
        return next
    }
}
