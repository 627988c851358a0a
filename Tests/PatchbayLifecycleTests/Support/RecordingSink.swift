import PatchbayLifecycle
import PatchbayModel

/// Keeps what a stream's client would get. Confined to one strand, like every sink.
final class RecordingSink: ResponseSink, @unchecked Sendable {
    private(set) var events: [ResponseEvent] = []
    /// Pauses after each event, and says at once that the reader is ready: as slow as a reader can be.
    var onPause: (() -> Void)?
    var onEvent: ((ResponseEvent) -> Void)?

    func send(_ event: ResponseEvent) -> Demand {
        events.append(event)
        onEvent?(event)
        guard let onPause else { return .more }
        onPause()
        return .pause
    }
}
