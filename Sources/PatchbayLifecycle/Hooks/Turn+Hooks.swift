import PatchbayModel

/// Asking, where hooks are configured.
extension Turn {
    /// Asks the providers of the route, through the hooks: each may say what is asked, whom, and answer itself.
    @inline(never)
    func askThroughHooks(_ hooks: HookRun, _ prompt: Prompt, _ run: ProviderRun, since start: Int64) async
        -> ProviderEnd
    {
        do throws(GatewayError) {
            let (prompt, answer) = try await hooks.historyLoaded(prompt, of: request, by: route)
            if let answer { return await play(answer, prompt, run) }
            return try await askVisited(hooks, prompt, run, since: start)
        } catch {
            return ProviderEnd(.failed(error))
        }
    }

    /// Asks with a prompt that the hooks have seen.
    func askVisited(_ hooks: HookRun, _ prompt: Prompt, _ run: ProviderRun, since start: Int64)
        async throws(GatewayError) -> ProviderEnd
    {
        var routes = ArraySlice(route.fallbacks)
        var asked = route
        var attempt = 1
        while true {
            let end = await ask(prompt, asked, run, since: start)
            guard let error = end.outcome.error, canAskAgain(run) else { return end }
            let next = error.isElsewhereAvoidable ? routes.first : nil
            switch try await hooks.attemptFailed(error, request.model, by: asked, attempt: attempt, next: next) {
            case .answer(let answer): return await play(answer, prompt, run)
            case .ask(let other):
                noteNext(error, asked, other)
                asked = other
            case .none:
                guard let next else { return end }
                routes.removeFirst()
                noteNext(error, asked, next)
                asked = next
            }
            attempt += 1
        }
    }

    /// Gives an answer that a hook has made.
    func play(_ answer: HookAnswer, _ prompt: Prompt, _ run: ProviderRun) async -> ProviderEnd {
        do throws(GatewayError) {
            try run.begin(
                ProviderRequest(body: [], model: "", conversation: "", stream: request.stream, timeout: nil),
                by: AnswerPlayer(answer), extractor: nil, grace: gateway.policy.firstEventGrace)
            run.provider = answer.provider
        } catch {
            return ProviderEnd(.failed(error))
        }
        return measured(await run.end(), prompt, route, run)
    }
}
