import Logging
import PatchbayModel

/// Answers in the course of which the server runs tools: the model is asked, its calls are made, and it is asked again
/// with what came of them.
extension Turn {
    /// Asks until the model calls none of the server's tools any more, or the client has calls to answer, or it has been
    /// enough. As `ask`, it never throws. The end's usage is that of all rounds. `opening`: what came of the hooks' visit
    /// before the first round, where they have been visited; later rounds begin from `prompt`, and visit them again.
    ///
    /// Not a part of `perform`: few turns need it.
    @inline(never)
    func converse(_ prompt: Prompt, _ run: ProviderRun, _ tools: TurnTools, opening: Opening? = nil) async
        -> ProviderEnd
    {
        tools.begin(at: gateway.clock.milliseconds)
        var prompt = prompt
        var usage: Usage?
        while true {
            let first = run.itemCount
            tools.first = first
            var end =
                if tools.round == 0, let opening { await open(opening, run) } else { await ask(prompt, run) }
            let calls = endRound(&end, from: first, run, tools)
            end.usage = usage.map { total in end.usage.map { total + $0 } ?? total } ?? end.usage
            usage = end.usage
            guard !calls.forServer.isEmpty else { return end }
            if let error = await make(calls.forServer, run, tools) {
                end.outcome = .failed(error)
                return end
            }
            if calls.haveClients { return end }
            prompt = beginRound(prompt, from: first, run, tools)
        }
    }

    /// The calls of a round that has ended well; none of one that hasn't.
    @inline(never)
    private func endRound(_ end: inout ProviderEnd, from first: Int, _ run: ProviderRun, _ tools: TurnTools)
        -> ToolCalls
    {
        var calls = ToolCalls()
        if case .stop = end.outcome {
            run.endRound()
            calls = tools.calls(in: run.items[first...])
        }
        end.usage = end.completedUsage(run.output.suffix(from: first).map { $0 })
        return calls
    }

    /// What the model is asked next.
    @inline(never)
    private func beginRound(_ prompt: Prompt, from first: Int, _ run: ProviderRun, _ tools: TurnTools) -> Prompt {
        let prompt = prompt.continued(by: run.output[first...], of: run.provider)
        let mayCall = tools.beginRound(callsLeft: run.rules.callsLeft)
        run.beginRound(ToolRules(tools.request, defaults: route.defaults).following(run.rules, mayCall: mayCall))
        return prompt
    }

    /// Makes the calls and adds their outputs to the answer, in the order of the calls. The error that ends the answer;
    /// nil where it goes on.
    @inline(never)
    private func make(_ calls: [ToolCall], _ run: ProviderRun, _ tools: TurnTools) async -> GatewayError? {
        var steps: [Step] = []
        do throws(GatewayError) {
            for call in calls {
                let (call, output) = try await visitCall(call)
                steps.append(step(call, output))
            }
        } catch {
            return error
        }
        let group = ToolGroup(steps.compactMap(\.run), strand: exchange.strand)
        exchange.attach(group)
        group.start(left: timeLeft(since: tools.start))
        let error = await collect(steps, of: group, run)
        group.end()
        exchange.detach()
        return error
    }

    private func collect(_ steps: [Step], of group: ToolGroup, _ run: ProviderRun) async -> GatewayError? {
        for step in steps {
            let outcome = await step.outcome()
            if exchange.cancelled != nil { return giveUp(steps, run) }
            if group.isLate {
                return GatewayError(.timeout, "The tools didn't end within the time limit of the whole answer.")
            }
            if let error = note(outcome, of: step.call.tool) { return error }
            do throws(GatewayError) {
                let text = try await visitResult(outcome, of: step.call)
                try run.add(output: .output(text, of: step.call.callID))
            } catch {
                return error
            }
        }
        return nil
    }

    /// The request has ended while calls run. What came of those that have ended is kept, unless a hook would have had
    /// to see it.
    private func giveUp(_ steps: [Step], _ run: ProviderRun) -> GatewayError {
        if !isResultSeen {
            let items = run.items[(tools?.first ?? 0)...]
            let open = Set(tools?.calls(in: items).forServer.map(\.callID) ?? [])
            for step in steps where open.contains(step.call.callID) {
                let outcome = step.known ?? step.run?.outcome ?? .cancelled
                try? run.add(output: .output(outcome.text, of: step.call.callID))
            }
        }
        return GatewayError(.cancelled, "The request was cancelled.")
    }

    /// A call that is known not to be made, or one that is.
    private struct Step {
        var call: ToolCall
        var known: ToolOutcome?
        var run: ToolRun?

        func outcome() async -> ToolOutcome {
            if let known { return known }
            return await run?.end() ?? .cancelled
        }
    }

    /// `output`: what a hook says in the tool's place.
    private func step(_ call: ToolCall, _ output: String?) -> Step {
        if let output {
            call.tool.counts.countRefusal()
            return Step(call: call, known: .output(output))
        }
        if call.tool.approval == .never {
            return Step(call: call, known: .refused("It may not be called on this server."))
        }
        switch call.checkedArguments {
        case .failure(let misfit): return Step(call: call, known: misfit)
        case .success(let arguments):
            let tool = call.tool
            return Step(
                call: call,
                run: ToolRun(
                    tool,
                    ToolInvocation(
                        name: tool.name, arguments: arguments, callID: call.callID, requestID: exchange.id,
                        owner: exchange.ownerDigest, timeout: tool.timeout, maxOutput: tool.maxOutput)))
        }
    }

    /// Counts how a call ended and tells the operator. The error that ends the answer, if the tool's failure does.
    private func note(_ outcome: ToolOutcome, of tool: ServerTool) -> GatewayError? {
        switch outcome {
        case .output: return nil
        case .refused, .misfit:
            tool.counts.countRefusal()
            return nil
        case .cancelled:
            tool.counts.countFailure()
            return tool.onError == .fail ? .toolFailed(tool.name) : nil
        case .timedOut:
            tool.counts.countTimeout()
            note("a tool took too long", route, ["tool": "\(tool.name)", "limit_ms": "\(tool.timeout)"])
            return tool.onError == .fail ? .toolTimedOut(tool.name, tool.timeout) : nil
        case .failed(let error):
            tool.counts.countFailure()
            note(
                "a tool failed", route,
                ["tool": "\(tool.name)", "kind": "\(error.kind.rawValue)", "code": "\(error.code ?? "")"])
            // What a tool says may hold what its users have written.
            gateway.logger.debug(
                "what a tool said of its failure",
                metadata: [
                    "request_id": "\(exchange.id)", "tool": "\(tool.name)", "message": "\(error.message)",
                    "detail": "\(error.detail ?? "")",
                ])
            return tool.onError == .fail ? .toolFailed(tool.name) : nil
        }
    }

    /// Closes an answer that was cut and can be continued: the server's calls of which nothing came are told to have been
    /// given up, since nobody else will answer them.
    func cut(_ run: ProviderRun) -> [Item] {
        let output = run.close(as: .incomplete)
        guard let tools else { return output }
        let open = tools.calls(in: run.items[tools.first...]).forServer
        guard !open.isEmpty else { return output }
        for call in open { try? run.add(output: .output(ToolOutcome.cancelled.text, of: call.callID)) }
        return run.output
    }

    /// Milliseconds that are left for the whole answer; nil: no limit.
    private func timeLeft(since start: Int64) -> Int? {
        gateway.policy.answerTimeout.map { max(1, $0 - Int(gateway.clock.milliseconds - start)) }
    }
}

extension GatewayError {
    fileprivate static func toolFailed(_ name: String) -> GatewayError {
        GatewayError(.provider, "The tool '\(name)' failed.", code: "tool_failed")
    }

    fileprivate static func toolTimedOut(_ name: String, _ limit: Int) -> GatewayError {
        GatewayError(
            .timeout, "The tool '\(name)' took longer than its time limit of \(limit) ms.", code: "tool_timeout")
    }
}
