import PatchbayModel

/// Requests where hooks are configured: every one of them gets to exactly one end at the hooks that it has come to.
extension Gateway {
    @inline(never)
    func respondThroughHooks(to request: Request, in exchange: Exchange) async throws(GatewayError) -> Response {
        let hooks = HookRun(self, request, in: exchange)
        do throws(GatewayError) {
            let turn = try await prepare(request, in: exchange, hooks: hooks)
            // From here on the hooks go with the turn.
            if request.background { return try await turn.enqueue() }
            let response = try await turn.answer(sink: nil)
            await hooks?.ended(response)
            return response
        } catch {
            await hooks?.failed(error)
            throw error
        }
    }

    @inline(never)
    func streamThroughHooks(_ request: Request, in exchange: Exchange, to sink: any ResponseSink)
        async throws(GatewayError)
    {
        let hooks = HookRun(self, request, in: exchange)
        let turn: Turn
        do throws(GatewayError) {
            turn = try await prepare(request, in: exchange, hooks: hooks)
            if request.background {
                _ = try await turn.enqueue()
            } else {
                await hooks?.ended(
                    request.generate ? try await turn.answer(sink: sink) : try await turn.warm(sink: sink))
            }
        } catch {
            await hooks?.failed(error)
            throw error
        }
        if let live = turn.live, request.background { try await follow(live, in: exchange, to: sink) }
    }

    /// Loads a request that asks for no answer, but for a count, a summary or vectors. Hooks see it come, and what a provider is
    /// about to be given; they hear of no end but a failure. `check` is what else may be wrong with what was loaded.
    /// Returns besides whether a hook would have answered.
    func loadVisited(
        _ request: Request, for kind: ModelCapabilities.Kinds = .answers, in exchange: Exchange,
        check: (Loaded) throws(GatewayError) -> Void = { _ in }
    ) async throws(GatewayError) -> (Loaded, isAnswered: Bool) {
        guard !hooks.isEmpty else {
            let loaded = try await load(request, for: kind, owner: exchange.owner)
            try check(loaded)
            return (loaded, false)
        }
        var request = request
        // Hooks judge by the model.
        if request.model.isEmpty { try request.takeModel(from: await history(before: request, owner: exchange.owner)) }
        let run = HookRun(self, request, in: exchange)
        do throws(GatewayError) {
            if let run { request = try await run.request(request) }
            var loaded = try await load(request, for: kind, owner: exchange.owner)
            try check(loaded)
            var answer: HookAnswer?
            if let run {
                (loaded.prompt, answer) = try await run.historyLoaded(
                    loaded.prompt, of: loaded.request, by: loaded.route)
            }
            run?.close()
            return (loaded, answer != nil)
        } catch {
            await run?.failed(error)
            throw error
        }
    }
}
