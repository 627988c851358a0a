import NIOCore

/// One HTTP request to an upstream, complete: its body is in memory, so that it can be sent again on a fresh
/// connection.
package struct UpstreamRequest: Sendable {
    /// A token of RFC 9110, as it goes on the wire (`POST`). `CONNECT` is refused.
    package var method: String
    /// Absolute, `http` or `https`, without userinfo. A fragment is left off.
    package var url: String
    /// Sent in this order. The client adds `host`, `content-length` and `user-agent`; what belongs to the connection
    /// (`transfer-encoding`, `upgrade`, …) is refused, but for `connection: close`.
    package var headers: [(String, String)]
    package var body: ByteBuffer
    package var framing: UpstreamFraming
    package var timeouts: UpstreamTimeouts
    package var limits: UpstreamLimits

    package init(
        method: String = "POST", url: String, headers: [(String, String)] = [], body: ByteBuffer = ByteBuffer(),
        framing: UpstreamFraming = .bytes, timeouts: UpstreamTimeouts = UpstreamTimeouts(),
        limits: UpstreamLimits = UpstreamLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.framing = framing
        self.timeouts = timeouts
        self.limits = limits
    }
}
