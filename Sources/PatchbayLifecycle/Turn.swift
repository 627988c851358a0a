import Logging
import PatchbayModel

/// One turn of a conversation, from the provider's begin to the terminal event. This is the order in which things
/// happen; nothing is acknowledged before it is stored.
struct Turn: Sendable {
    let request: Request
    let exchange: Exchange
    let gateway: Gateway
    let route: Route
    /// What the provider is to be given of the conversation.
    let prompt: Prompt
    private let root: String
    let response: Response

    init(
        _ request: Request, history: History, prompt: Prompt, route: Route, exchange: Exchange, gateway: Gateway
    ) {
        self.request = request
        self.exchange = exchange
        self.gateway = gateway
        self.route = route
        self.prompt = prompt
        response = Response(
            id: Identifier.response(), createdAt: gateway.clock.seconds, status: .inProgress, request: request)
        root = history.root ?? response.id
    }

    /// What a provider is asked with this prompt; `timeout` in milliseconds, nil: the deployment's.
    func providerRequest(_ prompt: Prompt, by route: Route, timeout: Int? = nil) -> ProviderRequest {
        ProviderRequest(
            request, prompt: prompt, route: route, exchange: exchange, conversation: Digest.hex(root),
            timeout: timeout ?? gateway.policy.answerTimeout)
    }

    /// Asks the provider, keeps the turn, and answers. With a sink: throws only while the sink has been given nothing.
    func answer(sink: (any ResponseSink)?) async throws(GatewayError) -> Response {
        let run = ProviderRun(
            exchange: exchange, sink: sink, response: response, maxBytes: gateway.policy.maxAnswerBytes,
            rules: ToolRules(request, defaults: route.defaults))
        exchange.outlivesClient = request.store && gateway.policy.onDisconnect == .finish
        if request.store { gateway.running.begin(response, owner: exchange.owner) }
        defer { if request.store { gateway.running.end(response.id) } }

        let end = try await perform(run)
        if run.ignoredCalls > 0 { note("calls of tools past the bound were ignored", route, ["calls": "\(run.ignoredCalls)"]) }
        var final = self.final(end, run: run)
        if let error = final.error {
            log(error)
            guard run.hasBegun else { throw error }
            run.send(.error(error))
        }
        if request.store || (exchange.memory != nil && final.status != .failed) {
            do throws(GatewayError) {
                try await keep(final, upstreamResponseID: end.upstreamResponseID, provider: run.provider)
            } catch {
                log(error)
                guard run.hasBegun else { throw error }
                if final.error == nil { run.send(.error(error)) }
                final.fail(error)
            }
        }
        run.send(final.terminalEvent)
        return final
    }

    /// The response as the provider's end leaves it, its items closed.
    private func final(_ end: ProviderEnd, run: ProviderRun) -> Response {
        var final = response
        switch end.outcome {
        case .stop:
            final.status = .completed
            final.output = run.close(as: .completed)
            final.completedAt = gateway.clock.seconds
            if let error = OutputRule(request, defaults: route.defaults)?.problem(in: final.output) { final.fail(error) }
        case .length:
            final.status = .incomplete
            final.incompleteReason = "max_output_tokens"
            final.output = run.close(as: .incomplete)
        case .contentFilter:
            final.status = .incomplete
            final.incompleteReason = "content_filter"
            final.output = run.close(as: .incomplete)
        case .failed(let error)
        where error.kind == .cancelled && exchange.cancelled == .clientGone && (run.hasOutput || run.hasBegun):
            final.status = .incomplete
            final.incompleteReason = "cancelled"
            final.output = run.close(as: .incomplete)
        case .failed(let error):
            final.status = .failed
            final.error = error
            final.output = run.close(as: .incomplete)
        }
        final.usage = end.completedUsage(final.output)
        return final
    }

    /// Keeps the turn: in the store, or in its connection's memory if it isn't to be stored.
    func keep(_ final: Response, upstreamResponseID: String?, provider: String?) async throws(GatewayError) {
        let now = gateway.clock.milliseconds
        let stored = TurnRecord(
            response: final, input: request.input, upstreamResponseID: upstreamResponseID, provider: provider
        ).encoded()
        let record = StoredRecord(
            id: final.id, parent: request.previousResponseID, root: root, created: now,
            expires: gateway.policy.timeToLive.map { now + $0 }, value: stored.value, blobs: stored.blobs)
        guard request.store, let store = gateway.store else { exchange.memory?.keep(record); return }
        try await store.put(record, owner: exchange.owner, durable: gateway.policy.durable)
    }

    /// A client that left is no error.
    private func log(_ error: GatewayError) {
        guard error.kind != .cancelled else { return }
        gateway.logger.warning(
            "request failed",
            metadata: [
                "request_id": "\(exchange.id)", "provider": "\(route.provider.name)", "kind": "\(error.kind.rawValue)",
                "message": "\(error.message)", "detail": "\(error.detail ?? "")",
            ])
    }
}

extension Response {
    /// It has failed after all: what it would have said of its end is no longer so.
    fileprivate mutating func fail(_ error: GatewayError) {
        status = .failed
        completedAt = nil
        incompleteReason = nil
        self.error = self.error ?? error
    }

    /// The event that ends a stream with this response.
    fileprivate var terminalEvent: ResponseEvent {
        switch status {
        case .completed: .completed(self)
        case .incomplete: .incomplete(self)
        case .failed, .cancelled, .inProgress: .failed(self)
        }
    }
}
