import NIOCore

/// Who receives the reply. Every function is called on the loop of the call, never from within a function of
/// `UpstreamClient` or `UpstreamCall` that the delegate called, and not while the call is paused (but for the end of a
/// call that fails by `cancel` or a time limit). All of them may call any function of the call.
///
/// The order is: `head` at most once, then any number of `data` or of `event`, then `done`, exactly once.
package protocol UpstreamDelegate: AnyObject {
    func upstream(head: UpstreamHead)
    /// A piece of a body that is not framed.
    func upstream(data: ByteBuffer)
    /// An event of a framed body. Its buffers are slices of what was read: copy what is to be kept for long.
    func upstream(event: SSEEvent)
    /// All that one read brought has been delivered: the moment to flush what was written on the way.
    func upstreamReadComplete()
    /// The end. The call lets go of its delegate.
    func upstreamDone(_ outcome: UpstreamOutcome)
}

extension UpstreamDelegate {
    package func upstreamReadComplete() {}
}
