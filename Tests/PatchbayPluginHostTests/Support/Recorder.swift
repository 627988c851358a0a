import NIOCore
import PatchbayLifecycle

/// A receiver that keeps what it is given, checks the port's promises, and pauses or cancels when told. On its strand
/// alone.
final class Recorder: ProviderReceiver {
    private(set) var events: [ProviderEvent] = []
    private(set) var end: ProviderEnd?
    /// Promises that were broken.
    private(set) var violations: [String] = []
    var call: (any ProviderCall)?
    /// Answers `.pause` to the events with these numbers, from 0.
    var pausesAt: Set<Int> = []
    /// Resumes by itself, a turn of the loop later.
    var resumes = true
    var cancelsAt: Int?
    var isPaused = false
    let ended: EventLoopPromise<Void>
    private let loop: any EventLoop

    init(on loop: any EventLoop) {
        self.loop = loop
        ended = loop.makePromise()
    }

    func receive(_ event: ProviderEvent) -> Demand {
        if !loop.inEventLoop { violations.append("an event off the strand") }
        if end != nil { violations.append("an event after the end") }
        if call == nil { violations.append("an event before begin has returned") }
        let number = events.count
        events.append(event)
        if cancelsAt == number { call?.cancel(.clientGone) }
        guard pausesAt.contains(number) else { return .more }
        isPaused = true
        if resumes { loop.assumeIsolated().execute { self.resume() } }
        return .pause
    }

    func resume() {
        isPaused = false
        call?.resume()
    }

    func end(_ end: ProviderEnd) {
        if !loop.inEventLoop { violations.append("the end off the strand") }
        if self.end != nil { violations.append("a second end") }
        if call == nil { violations.append("the end before begin has returned") }
        self.end = end
        ended.succeed()
    }

    var text: String {
        events.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}
