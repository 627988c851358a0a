import Logging
import PatchbayModel

extension Turn {
    /// Asks the providers of the route in their order until one answers. A provider that fails before its first word,
    /// and in a way that another need not, gives way to the next; one that finds the prompt too long is asked again
    /// without its oldest turns where the request's `truncation` allows that. Every other end is the answer's.
    ///
    /// Never throws: what a provider's `begin` throws is a failed end too.
    func ask(_ prompt: Prompt, _ run: ProviderRun) async -> ProviderEnd {
        let start = tools?.start ?? gateway.clock.milliseconds
        if let hooks { return await askThroughHooks(hooks, prompt, run, since: start) }
        if route.fallbacks.isEmpty { return await ask(prompt, route, run, since: start) }
        return await askInTurn(prompt, run, since: start)
    }

    // What few turns need are functions of their own: their memory isn't held while a provider answers.

    @inline(never)
    private func askInTurn(_ prompt: Prompt, _ run: ProviderRun, since start: Int64) async -> ProviderEnd {
        let routes = [route] + route.fallbacks
        for (route, next) in zip(routes, routes.dropFirst()) {
            let end = await ask(prompt, route, run, since: start)
            guard let error = end.outcome.error, error.isElsewhereAvoidable, canAskAgain(run) else { return end }
            noteNext(error, route, next)
        }
        return await ask(prompt, routes[routes.count - 1], run, since: start)
    }

    func noteNext(_ error: GatewayError, _ route: Route, _ next: Route) {
        note(
            "a provider failed and the next is asked", route,
            [
                "kind": "\(error.kind.rawValue)", "message": "\(error.message)", "detail": "\(error.detail ?? "")",
                "next": "\(next.provider.name)",
            ])
    }

    /// Asks one provider, without 1, 2, 4, … of the oldest turns while it finds the prompt too long.
    func ask(_ prompt: Prompt, _ route: Route, _ run: ProviderRun, since start: Int64) async -> ProviderEnd {
        let end = await attempt(prompt, route, run, since: start)
        guard end.isTooLong, canAskAgain(run), truncates(route) else { return end }
        return await askWithLess(prompt, route, run, since: start, end)
    }

    @inline(never)
    private func askWithLess(
        _ prompt: Prompt, _ route: Route, _ run: ProviderRun, since start: Int64, _ first: ProviderEnd
    ) async -> ProviderEnd {
        var end = first
        let truncation = Truncation(prompt)
        var dropped = 0
        while end.isTooLong, canAskAgain(run), dropped < truncation.count {
            dropped = min(max(1, dropped * 2), truncation.count)
            note("a prompt was too long and lost its oldest turns", route, ["turns": "\(dropped)"])
            end = await attempt(truncation.dropping(dropped), route, run, since: start)
        }
        return end
    }

    private func attempt(_ prompt: Prompt, _ route: Route, _ run: ProviderRun, since start: Int64) async -> ProviderEnd
    {
        do throws(GatewayError) {
            try begin(prompt, route, run, since: start)
        } catch {
            return ProviderEnd(.failed(error))
        }
        return measured(await run.end(), prompt, route, run)
    }

    /// The end with a usage, estimated where the provider didn't say.
    @inline(never)
    func measured(_ end: ProviderEnd, _ prompt: Prompt, _ route: Route, _ run: ProviderRun) -> ProviderEnd {
        var end = end
        // What failed says what the provider knows, and no more.
        if end.outcome.error == nil || (run.wasTold && end.outcome.error?.kind == .cancelled) {
            end.usage = .completing(end.usage, input: providerRequest(prompt, by: route).body)
        }
        return end
    }

    /// Not a part of `attempt`, whose memory is held while the provider answers.
    @inline(never)
    private func begin(_ prompt: Prompt, _ route: Route, _ run: ProviderRun, since start: Int64) throws(GatewayError) {
        let foreign = prompt.foreignReasoning(to: route.provider.name)
        if foreign > 0 {
            note("encrypted reasoning of another provider was left out", route, ["items": "\(foreign)"])
        }
        let spent = Int(gateway.clock.milliseconds - start)
        try run.begin(
            providerRequest(prompt, by: route, timeout: gateway.policy.answerTimeout.map { max(1, $0 - spent) }),
            by: route.provider, extractor: MarkupExtractor(for: asked, on: route),
            grace: gateway.policy.firstEventGrace)
    }

    func canAskAgain(_ run: ProviderRun) -> Bool {
        !run.wasTold && exchange.cancelled == nil
    }

    private func truncates(_ route: Route) -> Bool {
        (request.fields["truncation"] ?? route.defaults["truncation"])?.elementsEqual("\"auto\"".utf8) ?? false
    }

    /// For the operator: something happened that the client isn't told.
    func note(_ message: Logger.Message, _ route: Route, _ facts: Logger.Metadata) {
        var metadata: Logger.Metadata = ["request_id": "\(exchange.id)", "provider": "\(route.provider.name)"]
        metadata.merge(facts) { $1 }
        gateway.logger.notice(message, metadata: metadata)
    }
}

extension ProviderEnd {
    fileprivate var isTooLong: Bool { outcome.error?.code == "context_length_exceeded" }
}

extension ProviderEnd.Outcome {
    var error: GatewayError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

extension GatewayError {
    /// Whether another provider may well answer where this one failed.
    var isElsewhereAvoidable: Bool {
        switch kind {
        // What is too large for this server is so whoever answers.
        case .provider: code != "answer_too_large"
        case .rateLimited, .overloaded, .timeout: true
        default: false
        }
    }
}
