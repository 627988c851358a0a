import NIOCore

/// The time limits of one call; nil is no limit. They are kept by a sweep of the loop, which is never early and a few
/// milliseconds late.
package struct UpstreamTimeouts: Sendable, Equatable {
    /// From `start` until the request is on a connection: the wait for a free one, DNS, TCP, proxy and TLS together.
    package var connect: TimeAmount?
    /// From the request being written until the head of the final reply (1xx replies do not count).
    package var head: TimeAmount?
    /// Between two reads of the body. It stands still while the call is paused: a slow reader is not a slow upstream.
    package var idle: TimeAmount?
    /// From `start` until the end of the reply, also while the call is paused.
    package var total: TimeAmount?

    package init(
        connect: TimeAmount? = .seconds(10), head: TimeAmount? = .seconds(60), idle: TimeAmount? = .seconds(60),
        total: TimeAmount? = nil
    ) {
        self.connect = connect
        self.head = head
        self.idle = idle
        self.total = total
    }
}
