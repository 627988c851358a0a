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

    /// The hooks' part in a request that asks for no answer, but for a count or a summary: they see what a provider is
    /// about to be given. Returns whether one of them would have answered. They hear of no end but a failure.
    func visit(_ loaded: inout Loaded, in exchange: Exchange) async throws(GatewayError) -> Bool {
        guard let hooks = HookRun(self, loaded.request, in: exchange) else { return false }
        do throws(GatewayError) {
            let (prompt, answer) = try await hooks.historyLoaded(
                loaded.prompt, of: loaded.request, by: loaded.route)
            loaded.prompt = prompt
            hooks.close()
            return answer != nil
        } catch {
            await hooks.failed(error)
            throw error
        }
    }
}
