import NIOCore
import PatchbayUpstream

/// A delegate that keeps what it hears, and lets a test act on the way.
final class Recorder: UpstreamDelegate {
    /// Run on the loop, within the callback.
    struct Hooks: Sendable {
        var started: @Sendable (UpstreamCall) -> Void = { _ in }
        var head: @Sendable (UpstreamCall) -> Void = { _ in }
        var data: @Sendable (UpstreamCall, Int) -> Void = { _, _ in }
        var event: @Sendable (UpstreamCall, SSEEvent) -> Void = { _, _ in }
        var done: @Sendable () -> Void = {}
    }

    private(set) var recorded = Recorded()
    var call: UpstreamCall?
    private let hooks: Hooks
    private let promise: EventLoopPromise<Recorded>

    init(_ hooks: Hooks, _ promise: EventLoopPromise<Recorded>) {
        self.hooks = hooks
        self.promise = promise
    }

    func upstream(head: UpstreamHead) {
        recorded.order.append("head")
        recorded.head = head
        recorded.status = head.status
        if let call { hooks.head(call) }
    }

    func upstream(data: ByteBuffer) {
        recorded.order.append("data")
        recorded.data += data.readableBytesView
        if let call { hooks.data(call, data.readableBytes) }
    }

    func upstream(event: SSEEvent) {
        recorded.order.append("event")
        recorded.events.append(event)
        if let call { hooks.event(call, event) }
    }

    func upstreamReadComplete() {
        recorded.order.append("read")
    }

    func upstreamDone(_ outcome: UpstreamOutcome) {
        recorded.order.append(call == nil ? "done before start returned" : "done")
        recorded.outcome = outcome
        call = nil
        hooks.done()
        promise.succeed(recorded)
    }
}
