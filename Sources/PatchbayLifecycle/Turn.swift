import Logging
import PatchbayModel

/// One turn of a conversation, from the provider's begin to the terminal event. This is the order in which things
/// happen; nothing is acknowledged before it is stored.
final class Turn: Sendable {
    let request: Request
    let exchange: Exchange
    let gateway: Gateway
    /// What others see of it while it runs, and how it is stored; nil where it isn't.
    let live: LiveResponse?
    let keeper: TurnKeeper?
    let route: Route
    /// What the provider is to be given of the conversation.
    let prompt: Prompt
    let root: String
    let response: Response
    /// What its model may call of the server's tools; nil where that is nothing.
    let tools: TurnTools?
    /// Who is visited on the way; nil where no hook is configured.
    let hooks: HookRun?

    var id: String { response.id }

    /// `stored`: the record of a turn that was stored before it began, and begins anew.
    init(
        _ request: Request, history: History, prompt: Prompt, route: Route, tools: TurnTools?, exchange: Exchange,
        gateway: Gateway, stored: StoredRecord? = nil, hooks: HookRun? = nil
    ) {
        self.hooks = hooks
        self.request = request
        self.tools = tools
        self.exchange = exchange
        self.gateway = gateway
        self.route = route
        self.prompt = prompt
        response = Response(
            id: stored?.id ?? Identifier.response(),
            createdAt: stored.map { Int($0.created / 1000) } ?? gateway.clock.seconds,
            status: request.background ? .queued : .inProgress, request: request)
        root = history.root ?? response.id
        guard request.store, let store = gateway.store else {
            (live, keeper) = (nil, nil)
            return
        }
        live = LiveResponse(
            response, exchange: exchange, isRecorded: request.stream || request.background,
            shapeLimit: gateway.policy.maxShapeBytes)
        keeper = TurnKeeper(
            input: request.input, root: root, kind: request.isCompletion ? .completion : .response, exchange: exchange,
            gateway: gateway, store: store, stored: stored)
    }

    /// The request as the model is given it.
    var asked: Request { tools?.request ?? request }

    /// What a provider is asked with this prompt; `timeout` in milliseconds, nil: the deployment's.
    func providerRequest(_ prompt: Prompt, by route: Route, timeout: Int? = nil) -> ProviderRequest {
        ProviderRequest(
            asked, prompt: prompt, route: route, exchange: exchange, conversation: Digest.hex(root),
            timeout: timeout ?? gateway.policy.answerTimeout)
    }

    /// Asks the provider, keeps the turn, and answers. With a sink: throws only while the sink has been given nothing;
    /// of the background: never.
    func answer(sink: (any ResponseSink)?) async throws(GatewayError) -> Response {
        let run = makeRun(sink)
        exchange.outlivesClient = request.background || (request.store && gateway.policy.onDisconnect == .finish)
        if let live {
            gateway.live.add(live)
            keeper?.startCheckpoints(of: live)
        }
        defer {
            keeper?.abandon()
            live?.release()
            gateway.live.remove(response.id)
        }

        run.open()
        let end = try await end(of: run)
        return try await conclude(end, of: run)
    }

    // Many turns wait for their provider at a time. What comes before and after that are functions of their own, whose
    // memory isn't held meanwhile.

    @inline(never)
    private func makeRun(_ sink: (any ResponseSink)?) -> ProviderRun {
        ProviderRun(
            exchange: exchange, sink: sink, live: live, response: response, maxBytes: gateway.policy.maxAnswerBytes,
            rules: ToolRules(asked, defaults: route.defaults), serverTools: tools?.names ?? [], hooks: hooks)
    }

    @inline(never)
    private func conclude(_ end: ProviderEnd, of run: ProviderRun) async throws(GatewayError) -> Response {
        if run.ignoredCalls > 0 {
            note("calls of tools past the bound were ignored", route, ["calls": "\(run.ignoredCalls)"])
        }
        var final = self.final(end, run: run)
        if let hooks { final = await hooks.complete(final, of: self, run: run) }
        if let error = final.error {
            log(error)
            guard run.hasBegun else { throw error }
        }
        if request.background, exchange.cancelled == .shutdown, gateway.policy.onRestart == .restart {
            // What is in the store stays as it is: the next server begins it anew.
            live?.end(final)
            return final
        }
        // What said nothing begins now, so that what is stored of its stream is whole.
        run.announce()
        do throws(GatewayError) {
            let shape = live?.isRecorded == true ? live?.shape : nil
            final =
                try await keeper?.commit(
                    final, upstreamResponseID: end.upstreamResponseID, provider: run.author, shape: shape) ?? final
        } catch {
            log(error)
            guard run.hasBegun else { throw error }
            final.fail(error)
        }
        remember(final, upstreamResponseID: end.upstreamResponseID, provider: run.author)
        live?.end(final)
        // From here on it is the store's: whoever reads the last event may continue the response at once.
        gateway.live.remove(response.id)
        for event in final.lastEvents { run.send(event) }
        return final
    }

    /// What came of asking the provider. Throws only while nobody has been told anything.
    private func end(of run: ProviderRun) async throws(GatewayError) -> ProviderEnd {
        do throws(GatewayError) {
            return try await perform(run)
        } catch  where request.background {
            return ProviderEnd(.failed(error))
        }
    }

    /// The response as the provider's end leaves it, its items closed.
    private func final(_ end: ProviderEnd, run: ProviderRun) -> Response {
        var final = response
        switch end.outcome {
        case .stop:
            final.status = .completed
            final.output = run.close(as: .completed)
            final.completedAt = gateway.clock.seconds
            final.stopSequence = end.stopSequence
            if let error = problem(in: final) { final.fail(error) }
        case .length:
            final.status = .incomplete
            final.incompleteReason = "max_output_tokens"
            final.output = cut(run)
        case .contentFilter:
            final.status = .incomplete
            final.incompleteReason = "content_filter"
            final.output = cut(run)
        case .failed(let error) where error.kind == .cancelled && exchange.cancelled == .requested:
            final.status = .cancelled
            final.output = cut(run)
        case .failed(let error)
        where error.kind == .cancelled && exchange.cancelled == .clientGone && (run.hasOutput || run.hasBegun):
            final.status = .incomplete
            final.incompleteReason = "cancelled"
            final.output = cut(run)
        case .failed(let error):
            final.status = .failed
            final.error = request.background && exchange.cancelled == .shutdown ? Gateway.interrupted : error
            final.output = run.close(as: .incomplete)
        }
        final.usage = end.completedUsage(final.output)
        return final
    }

    /// What is wrong with an answer that has come to its end by itself.
    func problem(in final: Response) -> GatewayError? {
        guard final.status == .completed else { return nil }
        return OutputRule(request, defaults: route.defaults)?.problem(in: final.output)
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
    mutating func fail(_ error: GatewayError) {
        status = .failed
        completedAt = nil
        (incompleteReason, stopSequence) = (nil, nil)
        self.error = self.error ?? error
    }
}
