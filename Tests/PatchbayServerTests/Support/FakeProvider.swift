import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import Synchronization

/// A provider whose answers the test gives, event by event.
final class FakeProvider: Provider {
    let name = "fake"
    private let calls: AsyncStream<FakeCall>
    private let sender: AsyncStream<FakeCall>.Continuation
    /// How a call to the model `echo` ends at once.
    private let echo: Bool

    init(echo: Bool = false) {
        (calls, sender) = AsyncStream.makeStream()
        self.echo = echo
    }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError)
        -> any ProviderCall
    {
        let call = FakeCall(request: request, strand: strand, receiver: receiver)
        if echo {
            strand.assumeIsolated().execute {
                _ = call.emit(.text("Hello"))
                _ = call.emit(.text(" there"))
                call.finish(ProviderEnd(.stop, usage: Usage(inputTokens: 1, outputTokens: 2)))
            }
        }
        sender.yield(call)
        return call
    }

    let maxInputs: Int? = .max

    /// Vectors at once: all numbers of each are its place and a half. One that says `too long` is.
    func embed(_ request: VectorRequest, on strand: any EventLoop, receiver: any VectorReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        let body = try? JSONDocument.parse(request.body.body).root
        if body?["input"]?[0]?.string == "too long" {
            throw GatewayError(.invalidRequest, "long", code: "context_length_exceeded", param: "input[0]")
        }
        let dimensions = body?["dimensions"]?.int ?? 1
        let numbers = (0..<request.inputs).flatMap { Array(repeating: Float($0) + 0.5, count: dimensions) }
        strand.assumeIsolated().execute {
            receiver.end(
                .success(Vectors(dimensions: dimensions, numbers: numbers)), usage: Usage(inputTokens: request.inputs))
        }
        return EndedCall()
    }

    private final class EndedCall: ProviderCall {
        func resume() {}
        func cancel(_ reason: CancelReason) {}
    }

    /// The next call that begins.
    func nextCall() async -> FakeCall {
        for await call in calls { return call }
        preconditionFailure("the calls never end")
    }
}

/// A call that the test answers.
final class FakeCall: ProviderCall, Sendable {
    let request: ProviderRequest
    let strand: any EventLoop
    private let receiver: NIOLoopBound<any ProviderReceiver>
    private let state: NIOLoopBoundBox<State>
    private let cancelPromise: EventLoopPromise<CancelReason>

    private struct State {
        var isOver = false
        var isPaused = false
        var resumed: EventLoopPromise<Void>?
    }

    init(request: ProviderRequest, strand: any EventLoop, receiver: any ProviderReceiver) {
        self.request = request
        self.strand = strand
        self.receiver = NIOLoopBound(receiver, eventLoop: strand)
        state = NIOLoopBoundBox(State(), eventLoop: strand)
        cancelPromise = strand.makePromise()
    }

    deinit {
        // Nobody asks any more.
        cancelPromise.fail(ChannelError.eof)
    }

    // On the strand, by the lifecycle.

    func resume() {
        guard state.value.isPaused else { return }
        state.value.isPaused = false
        state.value.resumed?.succeed()
        state.value.resumed = nil
    }

    func cancel(_ reason: CancelReason) {
        cancelPromise.succeed(reason)
        strand.assumeIsolated().execute { [self] in
            finish(ProviderEnd(.failed(GatewayError(.cancelled, "The request was cancelled."))))
        }
    }

    func emit(_ event: ProviderEvent) -> Demand {
        guard !state.value.isOver else { return .more }
        let demand = receiver.value.receive(event)
        if demand == .pause { state.value.isPaused = true }
        return demand
    }

    func finish(_ end: ProviderEnd) {
        guard !state.value.isOver else { return }
        state.value.isOver = true
        // Without effect on a call that was cancelled.
        cancelPromise.fail(ChannelError.alreadyClosed)
        receiver.value.end(end)
    }

    // Anywhere, by the test.

    func say(_ texts: String...) async throws {
        try await strand.submit { [self] in for text in texts { _ = emit(.text(text)) } }.get()
    }

    func end(_ outcome: ProviderEnd.Outcome = .stop) async throws {
        try await strand.submit { [self] in finish(ProviderEnd(outcome)) }.get()
    }

    /// Emits `text` until the reader is behind. How often it did.
    func sayUntilPaused(_ text: String) async throws -> Int {
        try await strand.submit { [self] in
            var count = 1
            while emit(.text(text)) == .more { count += 1 }
            return count
        }.get()
    }

    /// Until the call is asked to resume.
    func resumed() async throws {
        try await strand.flatSubmit { [self] in
            guard state.value.isPaused else { return strand.makeSucceededVoidFuture() }
            let promise = strand.makePromise(of: Void.self)
            state.value.resumed = promise
            return promise.futureResult
        }.get()
    }

    /// Until the call is asked to stop.
    func cancelled() async throws -> CancelReason {
        try await cancelPromise.futureResult.get()
    }
}
