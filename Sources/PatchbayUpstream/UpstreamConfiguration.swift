import NIOCore

/// What holds for all calls of an `UpstreamClient`.
package struct UpstreamConfiguration: Sendable {
    /// The connections to one destination from one event loop, in use, idle and being made.
    package var maxConnectionsPerDestination = 256
    /// The calls that may wait on one loop for a connection to one destination; one more is refused (`queueFull`).
    package var maxQueuedPerDestination = 1024
    /// The idle connections that are kept for one destination on one loop.
    package var maxIdlePerDestination = 32
    /// How long an idle connection is kept: less than the usual 60 s and more of upstreams, so that ours closes first.
    package var idleTimeout = TimeAmount.seconds(45)
    /// The time limit for making one connection, whatever the call that asked for it allows.
    package var connectTimeout = TimeAmount.seconds(30)
    /// Names and values of a reply's headers together, in bytes; a hard limit for all calls.
    package var maxHeaderBytes = 256 * 1024
    /// The kernel's receive buffer of a connection, in bytes: what a paused call can hold back from memory of ours. nil
    /// leaves it to the kernel, which may take megabytes.
    package var receiveBufferBytes: Int? = 256 * 1024
    /// PEM files with authorities that are trusted besides the system's.
    package var additionalTrustRoots: [String] = []
    /// How to get out; by default, directly.
    package var proxies = UpstreamProxies()
    /// Sent as `user-agent` unless the request has one.
    package var userAgent = "patchbay"

    package init() {}
}
