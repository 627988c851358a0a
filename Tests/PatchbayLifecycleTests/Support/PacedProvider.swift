import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider that gives one event in each turn of the event loop and obeys `.pause`, or doesn't; it watches that it is
/// told to go on once for each time that it was paused.
final class PacedProvider: Provider {
    let name = "paced"
    private let events: [ProviderEvent]
    private let isStubborn: Bool
    private let counts = Mutex((pauses: 0, unasked: 0, furthest: 0))
    /// Given when it has been paused for the first time.
    let paused = Signal()

    /// `isStubborn`: it goes on although it was paused.
    init(_ events: [ProviderEvent], isStubborn: Bool = false) {
        self.events = events
        self.isStubborn = isStubborn
    }

    /// How often it was paused, and how often told to go on although it wasn't.
    var pauses: Int { counts.withLock { $0.pauses } }
    var unasked: Int { counts.withLock { $0.unasked } }
    /// How many events it has given.
    var given: Int { counts.withLock { $0.furthest } }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let call = Call(self, strand: strand, receiver: receiver)
        strand.execute { call.step() }
        return call
    }

    private final class Call: ProviderCall, @unchecked Sendable {
        private let provider: PacedProvider
        private let strand: any EventLoop
        private var receiver: (any ProviderReceiver)?
        private var position = 0
        private var isPaused = false

        init(_ provider: PacedProvider, strand: any EventLoop, receiver: any ProviderReceiver) {
            self.provider = provider
            self.strand = strand
            self.receiver = receiver
        }

        func step() {
            guard let receiver else { return }
            guard position < provider.events.count else { return end(.stop) }
            position += 1
            provider.counts.withLock { $0.furthest = max($0.furthest, position) }
            if receiver.receive(provider.events[position - 1]) == .pause, !provider.isStubborn {
                isPaused = true
                provider.counts.withLock { $0.pauses += 1 }
                provider.paused.give()
                return
            }
            strand.execute { self.step() }
        }

        func resume() {
            strand.execute {
                guard !self.provider.isStubborn else { return }
                guard self.isPaused else { return self.provider.counts.withLock { $0.unasked += 1 } }
                self.isPaused = false
                self.step()
            }
        }

        func cancel(_ reason: CancelReason) {
            strand.execute { self.end(.failed(GatewayError(.cancelled, "cancelled"))) }
        }

        private func end(_ outcome: ProviderEnd.Outcome) {
            let receiver = self.receiver
            self.receiver = nil
            receiver?.end(ProviderEnd(outcome))
        }
    }
}
