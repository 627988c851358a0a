import Logging
import PatchbayModel

extension Turn {
    /// Asks the provider, and before that compacts the conversation where the request wants it. The summary covers
    /// the whole conversation, so that later turns begin from it; the answer is made from the summary and the last
    /// words as they were.
    ///
    /// Throws only while the client has been sent nothing.
    func perform(_ run: ProviderRun) async throws(GatewayError) -> ProviderEnd {
        if let rule = request.compaction { return try await visitAndCompact(rule, run) }
        if let tools { return await converse(prompt, run, tools) }
        return await ask(prompt, run)
    }

    private func visitAndCompact(_ rule: CompactionRule, _ run: ProviderRun) async throws(GatewayError) -> ProviderEnd {
        guard let hooks else { return try await compactAndAsk(rule, prompt, run) }
        let (prompt, answer) = try await hooks.historyLoaded(prompt, of: request, by: route)
        if let answer { return await play(answer, prompt, run) }
        return try await compactAndAsk(rule, prompt, run)
    }

    /// Asks with a prompt that the hooks, if there are any, have seen before it was compacted.
    func askCompacted(_ prompt: Prompt, _ run: ProviderRun) async -> ProviderEnd {
        guard let hooks else { return await ask(prompt, run) }
        do throws(GatewayError) {
            return try await askVisited(hooks, prompt, run, since: tools?.start ?? gateway.clock.milliseconds)
        } catch {
            return ProviderEnd(.failed(error))
        }
    }

    /// Not a part of `perform`, whose memory is held while the provider answers.
    @inline(never)
    private func compactAndAsk(_ rule: CompactionRule, _ prompt: Prompt, _ run: ProviderRun) async throws(GatewayError)
        -> ProviderEnd
    {
        run.beginGrace(gateway.policy.firstEventGrace)
        do throws(GatewayError) {
            switch rule {
            case .now:
                let compacted = try await Compactor(gateway: gateway, exchange: exchange).compact(prompt, of: request)
                try run.insert(compaction: compacted.item)
                return ProviderEnd(.stop, usage: compacted.usage)
            case .above(let limit):
                guard try await count(providerRequest(prompt, by: route)) > limit,
                    let (kept, compacted) = try await compact(prompt, above: limit)
                else {
                    return await answer(prompt, run)
                }
                try run.insert(compaction: compacted.item)
                var end = await answer(kept, run)
                if let first = compacted.usage { end.usage = end.usage.map { first + $0 } ?? first }
                return end
            }
        } catch {
            run.endGrace()
            guard run.hasBegun else { throw error }
            return ProviderEnd(.failed(error))
        }
    }

    private func answer(_ prompt: Prompt, _ run: ProviderRun) async -> ProviderEnd {
        if let tools { return await converse(prompt, run, tools, isVisited: true) }
        return await askCompacted(prompt, run)
    }

    /// A provider whose count fails can still answer: then it is estimated.
    private func count(_ body: ProviderRequest) async throws(GatewayError) -> Int {
        do throws(GatewayError) {
            return try await TokenCounter(provider: route.provider, exchange: exchange).count(body).tokens
        } catch {
            if exchange.cancelled != nil { throw error }
            gateway.logFailure(error, "a prompt could not be counted by its provider and is estimated", exchange)
            return TokenEstimate.tokens(of: body.body)
        }
    }

    /// The summary and what is sent with it; nil where there is nothing to gain, or the summariser failed: the turn
    /// then goes on with the whole conversation, which the provider may still take.
    private func compact(_ prompt: Prompt, above limit: Int) async throws(GatewayError) -> (
        kept: Prompt, Compactor.Compacted
    )? {
        // Half of the limit, by four bytes a token.
        guard let start = Tail(prompt).start(maxBytes: limit > Int.max / 8 ? .max : limit * 2) else { return nil }
        do throws(GatewayError) {
            let compacted = try await Compactor(gateway: gateway, exchange: exchange).compact(prompt, of: request)
            return (prompt.compacted(compacted.summary, keepingFrom: start), compacted)
        } catch {
            if exchange.cancelled != nil { throw error }
            gateway.logFailure(error, "a conversation could not be compacted and goes on as it is", exchange)
            return nil
        }
    }
}
