import NIOCore
import PatchbayModel

/// One provider's vectors for all inputs of a request: as many calls as it takes, a few at a time, in the order of the
/// inputs. The first failure cancels the others and is the run's. Confined to the exchange's strand.
final class EmbeddingRun: @unchecked Sendable {
    /// Calls at a time.
    private static let maxRunning = 4

    private let request: EmbeddingRequest
    private let route: Route
    private let exchange: Exchange
    private let policy: GatewayPolicy
    private let clock: any Clock
    private let start: Int64
    private let batchSize: Int
    private let maxDimensions: Int
    /// Of each batch, once it has ended well.
    private var results: [Vectors?]
    private var usage = Usage()
    private var next = 0
    /// The calls under way, by their batch.
    private var running: [Int: any ProviderCall] = [:]
    private var failure: GatewayError?
    private var waiter: CheckedContinuation<Void, Never>?

    /// `start`: when the request began, milliseconds.
    init(
        _ request: EmbeddingRequest, route: Route, exchange: Exchange, policy: GatewayPolicy, clock: any Clock,
        since start: Int64
    ) {
        self.request = request
        self.route = route
        self.exchange = exchange
        self.policy = policy
        self.clock = clock
        self.start = start
        batchSize = max(1, min(route.provider.maxInputs ?? 1, request.inputs.count))
        maxDimensions = policy.maxDimensions(inputs: request.inputs.count)
        results = Array(repeating: nil, count: (request.inputs.count + batchSize - 1) / batchSize)
    }

    /// Asks for all vectors. Throws the first failure, once no call is under way any more.
    func perform() async throws(GatewayError) -> ([Vectors], Usage) {
        exchange.strand.preconditionInEventLoop()
        exchange.attach(self)
        beginMore()
        if !running.isEmpty { await withCheckedContinuation { waiter = $0 } }
        exchange.detach()
        if let failure { throw failure }
        return (results.compactMap { $0 }, usage)
    }

    private func beginMore() {
        while failure == nil, next < results.count, running.count < Self.maxRunning {
            let batch = next
            next += 1
            do throws(GatewayError) {
                running[batch] = try begin(batch)
            } catch {
                fail(placed(error, in: batch))
            }
        }
    }

    private func begin(_ batch: Int) throws(GatewayError) -> any ProviderCall {
        let inputs = inputs(of: batch)
        let spent = Int(clock.milliseconds - start)
        let body = ProviderRequest(
            embedding: inputs, of: request, route: route, exchange: exchange,
            timeout: policy.answerTimeout.map { max(1, $0 - spent) })
        return try route.provider.embed(
            VectorRequest(body: body, inputs: inputs.count, maxDimensions: maxDimensions), on: exchange.strand,
            receiver: EmbeddingBatch(self, batch))
    }

    private func inputs(of batch: Int) -> ArraySlice<ArraySlice<UInt8>> {
        let first = batch * batchSize
        return request.inputs[first..<min(first + batchSize, request.inputs.count)]
    }

    /// A call's usage, guessed where the provider didn't say: no input has no tokens.
    private func counted(_ usage: Usage?, _ batch: Int) -> Usage {
        if let usage, usage.inputTokens > 0 { return usage }
        return Usage(inputTokens: TokenEstimate.tokens(ofInputs: inputs(of: batch)), isEstimated: true)
    }

    fileprivate func ended(_ batch: Int, _ result: Result<Vectors, GatewayError>, _ usage: Usage?) {
        running[batch] = nil
        switch result {
        case .success(let vectors):
            if let other = results.lazy.compactMap({ $0 }).first, other.dimensions != vectors.dimensions {
                fail(Self.uneven)
            }
            results[batch] = vectors
            self.usage = self.usage + counted(usage, batch)
        case .failure(let error):
            fail(placed(error, in: batch))
        }
        beginMore()
        guard running.isEmpty else { return }
        waiter?.resume()
        waiter = nil
    }

    private func fail(_ error: GatewayError, _ reason: CancelReason = .limit) {
        guard failure == nil else { return }
        failure = error
        for call in running.values { call.cancel(reason) }
    }

    /// The error with the place of its input in the whole request, in its words too.
    private func placed(_ error: GatewayError, in batch: Int) -> GatewayError {
        guard batch > 0, let param = error.param, param.hasPrefix("input[") else { return error }
        let rest = param.dropFirst("input[".utf8.count)
        let number = rest.prefix { $0 != "]" }
        guard let index = Int(number), (0..<batchSize).contains(index) else { return error }
        var error = error
        let place = "input[\(batch * batchSize + index)]"
        error.param = place + rest.dropFirst(number.count + 1)
        error.message.replace("input[\(index)]", with: place)
        return error
    }

    private static var uneven: GatewayError {
        GatewayError(
            .provider, "The provider's answer was malformed.", detail: "vectors of several lengths in one request")
    }
}

/// What is cancelled with the request are all of its calls.
extension EmbeddingRun: ProviderCall {
    /// Vectors are never paused.
    func resume() {}

    func cancel(_ reason: CancelReason) {
        fail(GatewayError(.cancelled, "The request was cancelled."), reason)
    }
}

/// The end of one of a run's calls.
private final class EmbeddingBatch: VectorReceiver {
    private let run: EmbeddingRun
    private let batch: Int

    init(_ run: EmbeddingRun, _ batch: Int) {
        self.run = run
        self.batch = batch
    }

    func end(_ result: Result<Vectors, GatewayError>, usage: Usage?) {
        run.ended(batch, result, usage)
    }
}
