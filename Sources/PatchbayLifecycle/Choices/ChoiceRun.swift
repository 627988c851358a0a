import NIOCore
import PatchbayModel

/// The turns of one request that wants several answers. Confined to the exchange's strand.
///
/// To the exchange it is the one call that hears of the client; each turn has an exchange of its own, which hears of it
/// from here.
final class ChoiceRun: ProviderCall, @unchecked Sendable {
    private let request: Request
    private let exchange: Exchange
    private let gateway: Gateway
    private let sink: (any ChoiceSink)?
    private let turns: [Exchange]
    private var responses: [Response?]
    /// The turns whose providers wait for the reader.
    private var waiting: Set<Int> = []
    /// The first failure: nothing of the turns counts any more.
    private var failure: GatewayError?
    private var hasBegun = false

    init(_ request: Request, _ count: Int, exchange: Exchange, gateway: Gateway, sink: (any ChoiceSink)?) {
        self.request = request
        self.exchange = exchange
        self.gateway = gateway
        self.sink = sink
        turns = (0..<count).map { _ in Exchange(id: exchange.id, owner: exchange.owner, strand: exchange.strand) }
        responses = Array(repeating: nil, count: count)
    }

    /// Throws only while the sink has been given nothing.
    func perform() async throws(GatewayError) -> [Response] {
        exchange.attach(self)
        await withTaskGroup(of: Void.self) { group in
            for index in turns.indices { group.addTask { await self.answer(index) } }
        }
        exchange.detach()
        if let failure {
            if hasBegun { return [] }
            throw failure
        }
        let responses = responses.compactMap { $0 }
        sink?.end(usage: responses.totalUsage)
        return responses
    }

    private func answer(_ index: Int) async {
        do throws(GatewayError) {
            if sink == nil {
                responses[index] = try await gateway.respond(to: request(index), in: turns[index])
            } else {
                try await gateway.stream(request(index), in: turns[index], to: Choice(run: self, index: index))
            }
        } catch {
            fail(error)
        }
    }

    /// The same with a seed of its own, where the request or its model's defaults have one: the same seed would give
    /// the same answer.
    private func request(_ index: Int) -> Request {
        var request = request
        let given = request.fields["seed"] ?? (try? gateway.router.route(request.model))?.defaults["seed"]
        if let seed = given.flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) {
            request.fields["seed"] = Array("\(seed > Int.max - index ? seed - index : seed + index)".utf8)
        }
        return request
    }

    /// Where one of the turns sends its events.
    private final class Choice: ResponseSink {
        private let run: ChoiceRun
        private let index: Int

        init(run: ChoiceRun, index: Int) {
            self.run = run
            self.index = index
        }

        func send(_ event: ResponseEvent) -> Demand { run.send(event, of: index) }
    }

    private func send(_ event: ResponseEvent, of index: Int) -> Demand {
        guard failure == nil, let sink else { return .more }
        switch event {
        case .error(let error):
            fail(error)
            return .more
        case .completed(let response), .incomplete(let response): responses[index] = response
        default: break
        }
        hasBegun = true
        let demand = sink.send(event, of: index)
        if demand == .pause { waiting.insert(index) }
        return demand
    }

    /// The first failure ends all: an answer of fewer choices isn't what was asked for.
    private func fail(_ error: GatewayError) {
        guard failure == nil else { return }
        failure = error
        for turn in turns { turn.cancelRequested() }
        if hasBegun { sink?.fail(error) }
    }

    // MARK: The client, as the exchange tells of it

    func resume() {
        let ready = waiting
        waiting = []
        for index in ready { turns[index].readerIsReady() }
    }

    func cancel(_ reason: CancelReason) {
        for turn in turns { turn.cancel(reason) }
    }
}
