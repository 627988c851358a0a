import NIOCore
import PatchbayModel

/// One call of a provider that nobody sees as it goes: a count, a summary. Keeps the text that it says. Confined to
/// the exchange's strand.
final class QuietRun: ProviderReceiver, @unchecked Sendable {
    private let exchange: Exchange
    /// The most text that is kept, bytes.
    private let maxBytes: Int
    private(set) var text = ""
    /// Whether the provider has said anything.
    private(set) var wasTold = false
    private var call: (any ProviderCall)?
    private var waiter: CheckedContinuation<ProviderEnd, Never>?
    private var ended: ProviderEnd?
    /// The text is past its bound.
    private var isTooLong = false

    init(exchange: Exchange, maxBytes: Int) {
        self.exchange = exchange
        self.maxBytes = maxBytes
    }

    /// Begins a call with `begin` and returns when it has ended; nil where `begin` begins none. Throws what `begin`
    /// throws: then nothing happened.
    func perform(
        _ begin: (any EventLoop, any ProviderReceiver) throws(GatewayError) -> (any ProviderCall)?
    ) async throws(GatewayError) -> ProviderEnd? {
        exchange.strand.preconditionInEventLoop()
        guard let call = try begin(exchange.strand, self) else { return nil }
        self.call = call
        exchange.attach(call)
        let end = await withCheckedContinuation { continuation in
            if let ended { continuation.resume(returning: ended) } else { waiter = continuation }
        }
        exchange.detach()
        self.call = nil
        return end
    }

    func receive(_ event: ProviderEvent) -> Demand {
        wasTold = true
        guard case .text(let more) = event, !isTooLong else { return .more }
        if text.utf8.count + more.utf8.count > maxBytes {
            isTooLong = true
            call?.cancel(.limit)
        } else {
            text += more
        }
        return .more
    }

    func end(_ end: ProviderEnd) {
        guard ended == nil else { return }
        var end = end
        if isTooLong { end.outcome = .length }
        ended = end
        waiter?.resume(returning: end)
        waiter = nil
    }
}
