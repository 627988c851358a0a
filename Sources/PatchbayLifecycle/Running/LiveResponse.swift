import NIOCore
import PatchbayModel

/// A stored response that this server is making just now: for those who ask for it, follow its stream or end it.
/// Confined to the strand on which it is made, which is checked at every entry.
final class LiveResponse: @unchecked Sendable {
    let id: String
    let owner: String
    let exchange: Exchange
    /// The stream so far. Recorded where it may be taken up again.
    private(set) var shape: StreamShape
    let isRecorded: Bool
    /// As it was when it began.
    let begun: Response
    /// As it has ended, once it is stored.
    private(set) var ended: Response?
    /// Why nobody can wait for it here any more, once it is made elsewhere.
    private var left: GatewayError?
    private(set) var status: Response.Status
    /// What is being made, once a provider has been asked.
    private var run: ProviderRun?
    /// What was made, once it has ended.
    private var items: [OutputItem] = []
    private var followers: [Follower] = []
    private var isWaking = false
    private var whenEnded: [CheckedContinuation<Response, Never>] = []

    /// Somebody who waits for the events after those that it has.
    private struct Follower {
        var replay: StreamReplay
        var continuation: CheckedContinuation<(Batch, StreamReplay), Never>
    }

    /// Some events of the stream, at least one, or why there are none.
    typealias Batch = Result<[ResponseEvent], GatewayError>

    init(_ response: Response, exchange: Exchange, isRecorded: Bool, shapeLimit: Int) {
        id = response.id
        owner = exchange.owner
        begun = response
        status = response.status
        self.exchange = exchange
        self.isRecorded = isRecorded
        shape = StreamShape(limit: shapeLimit)
    }

    /// The response as far as it got.
    var snapshot: Response {
        exchange.strand.preconditionInEventLoop()
        if let ended { return ended }
        var response = begun
        response.status = status
        response.output = run?.output ?? []
        return response
    }

    /// The same, from anywhere.
    func response() async -> Response {
        await withCheckedContinuation { continuation in
            exchange.strand.execute { continuation.resume(returning: self.snapshot) }
        }
    }

    /// A provider is being asked.
    func start(_ run: ProviderRun) {
        exchange.strand.preconditionInEventLoop()
        self.run = run
        status = .inProgress
    }

    /// Takes down an event that the stream has.
    func record(_ event: ResponseEvent) {
        guard isRecorded else { return }
        shape.append(event)
        guard !followers.isEmpty, !isWaking else { return }
        isWaking = true
        // Later: the answer is being written to just now. What comes at once is then handed on at once.
        exchange.strand.execute {
            self.isWaking = false
            self.wake()
        }
    }

    /// The response has ended; its last event is yet to be recorded.
    func end(_ response: Response) {
        exchange.strand.preconditionInEventLoop()
        ended = response
        status = response.status
        items = run?.items ?? []
        run = nil
        for continuation in whenEnded { continuation.resume(returning: response) }
        whenEnded = []
    }

    /// It isn't made here after all, but elsewhere. Those who wait for it are sent away, those who follow it with this
    /// error.
    func leave(_ error: GatewayError) {
        exchange.strand.preconditionInEventLoop()
        left = error
        for continuation in whenEnded { continuation.resume(returning: snapshot) }
        whenEnded = []
        wake()
    }

    /// Nothing more is made of it: what made it is let go, which else holds it, and is held by it.
    func release() {
        exchange.strand.preconditionInEventLoop()
        run = nil
    }

    /// The response, once it has ended or was left to be made elsewhere. From anywhere.
    func whenEnded() async -> Response {
        await withCheckedContinuation { continuation in
            exchange.strand.execute {
                if self.ended != nil || self.left != nil {
                    continuation.resume(returning: self.snapshot)
                } else {
                    self.whenEnded.append(continuation)
                }
            }
        }
    }

    /// The events after those that `replay` had, once there are any, at most as many as are good to handle at once.
    /// No event and no error: it was woken for another reason. From anywhere.
    func events(after replay: StreamReplay) async -> (Batch, StreamReplay) {
        await withCheckedContinuation { continuation in
            exchange.strand.execute {
                self.deliver(Follower(replay: replay, continuation: continuation), mayWait: true)
            }
        }
    }

    /// Sends those who wait away, to look whether they still want to.
    func releaseFollowers() {
        exchange.strand.execute { self.wake(mayWait: false) }
    }

    private func wake(mayWait: Bool = true) {
        let followers = self.followers
        self.followers = []
        for follower in followers { deliver(follower, mayWait: mayWait) }
    }

    private func deliver(_ follower: Follower, mayWait: Bool) {
        var follower = follower
        var events: [ResponseEvent] = []
        do throws(GatewayError) {
            if shape.isLost { throw .streamNotKept }
            while events.count < 256, let event = try follower.replay.next(self) { events.append(event) }
            if events.isEmpty, let left { throw left }
        } catch {
            return follower.continuation.resume(returning: (.failure(error), follower.replay))
        }
        if events.isEmpty && mayWait {
            followers.append(follower)
        } else {
            follower.continuation.resume(returning: (.success(events), follower.replay))
        }
    }
}

extension LiveResponse: StreamReplay.Source {
    func item(_ index: Int, isWhole: Bool) -> OutputItem? {
        if let run { return run.item(index) }
        return items.indices.contains(index) ? items[index] : nil
    }
}

extension GatewayError {
    /// A stream that was longer than what is kept of one.
    static var streamNotKept: GatewayError {
        .invalid(
            "This stream can't be taken up again: it was longer than what this server keeps of one (storage.limits.stream_shape). "
                + "Ask without 'stream' for the response as it is.", param: "stream", code: "stream_not_kept")
    }
}
