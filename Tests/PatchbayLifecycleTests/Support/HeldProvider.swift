import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider that says nothing until it is told what to say. It holds none of what it is given any longer than that.
final class HeldProvider: Provider {
    let name = "held"
    private let calls = Mutex<[Call]>([])
    private let receivers = Mutex<[Weak]>([])
    /// Given when it has been asked.
    let asked = Signal()

    /// Whether nothing holds what the provider's calls made.
    var areReceiversGone: Bool { receivers.withLock { $0.allSatisfy { $0.object == nil } } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let call = Call(strand: strand, receiver: receiver)
        let held = Weak(receiver)
        calls.withLock { $0.append(call) }
        receivers.withLock { $0.append(held) }
        asked.give()
        return call
    }

    /// Ends the calls that have begun.
    func end(_ events: [ProviderEvent] = [], _ outcome: ProviderEnd.Outcome = .stop) {
        let ending = calls.withLock { calls in
            defer { calls = [] }
            return calls
        }
        for call in ending { call.end(events, outcome) }
    }

    private final class Call: ProviderCall, @unchecked Sendable {
        private let strand: any EventLoop
        private var receiver: (any ProviderReceiver)?

        init(strand: any EventLoop, receiver: any ProviderReceiver) {
            self.strand = strand
            self.receiver = receiver
        }

        func end(_ events: [ProviderEvent], _ outcome: ProviderEnd.Outcome) {
            strand.execute {
                for event in events { _ = self.receiver?.receive(event) }
                self.receiver?.end(ProviderEnd(outcome))
                self.receiver = nil
            }
        }

        func resume() {}

        func cancel(_ reason: CancelReason) { end([], .failed(GatewayError(.cancelled, "cancelled"))) }
    }
}

/// Something that isn't held.
struct Weak: @unchecked Sendable {
    private(set) weak var object: AnyObject?

    init(_ object: AnyObject) {
        self.object = object
    }
}
