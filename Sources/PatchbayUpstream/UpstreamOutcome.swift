/// How a call ended.
package struct UpstreamOutcome: Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// The reply came to its end, whatever its status.
        case ok
        case timeout(Phase)
        /// The connection was lost before the reply's end.
        case reset
        /// The name could not be resolved.
        case dns(String)
        /// Nobody listens there.
        case refused
        /// No connection, for another reason (no route, no free port, …).
        case unreachable(String)
        /// The handshake failed: the certificate, as a rule.
        case tls(String)
        /// The proxy said no, or no sense.
        case proxy(String)
        case limit(Limit)
        case cancelled
        /// The reply was no HTTP/1.1.
        case protocolError(String)
    }

    /// Which time limit of `UpstreamTimeouts` ran out.
    package enum Phase: Sendable, Equatable { case connect, head, idle, total }

    /// Which limit of `UpstreamLimits` the reply went over.
    package enum Limit: Sendable, Equatable { case headerBytes, bodyBytes, eventBytes }

    package var reason: Reason
    /// Whether the upstream may have seen any byte of the request. When not, it is safe to send the request elsewhere.
    package var requestSent: Bool
    /// The reply ended properly, but inside of an event; that event was dropped, as the specification of SSE asks.
    package var endedInsideEvent: Bool

    package init(_ reason: Reason, requestSent: Bool, endedInsideEvent: Bool = false) {
        self.reason = reason
        self.requestSent = requestSent
        self.endedInsideEvent = endedInsideEvent
    }
}
