import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The points at which hooks see the server's tools: `tool_call`, `tool_result`, and `history_loaded` in each round.
@Suite struct ToolHookTests {
    private func turn(
        _ hooks: FakeHook..., tool: ServerTool, events: [ProviderEvent] = call(0, "t", #"{"x":1}"#),
        onError: HookEntry.OnError = .failClosed
    ) async throws -> (Response, ScriptedProvider) {
        let provider = rounds([events])
        let gateway = Gateway(
            provider, tools: [tool], hooks: hooks.map { HookEntry($0, onError: onError, budget: .seconds(60)) })
        return (try await gateway.turn(.user("q")), provider)
    }

    @Test func `tool_call and tool_result see each call, in the order of the requests and in reverse`() async throws {
        let (one, two) = (FakeHook(named: "one", .all), FakeHook(named: "two", .all))
        let (response, _) = try await turn(
            one, two, tool: ServerTool("t", FakeTool("r")), events: call(0, "t", #"{"x":1}"#) + call(1, "t"))
        #expect(response.outputs == ["r", "r"])
        let call = try #require(one.visit(at: .toolCall)?.json)
        #expect(call["type"]?.string == "function_call" && call["arguments"]?.string == #"{"x":1}"#)
        #expect(call["call_id"]?.string == "c0" && call["name"]?.string == "t" && call.has("id"))
        let result = try #require(two.visit(at: .toolResult)?.json)
        #expect(result["call_id"]?.string == "c0" && result["name"]?.string == "t" && result["output"]?.string == "r")
        #expect(result["is_error"]?.bool == false)
        for hook in [one, two] {
            #expect(
                hook.points.filter { $0 == .toolCall || $0 == .toolResult } == [
                    .toolCall, .toolCall, .toolResult, .toolResult,
                ])
            #expect(hook.visits.filter { $0.point == .historyLoaded }.map(\.round) == [0, 1])
        }
    }

    @Test func `history_loaded sees the outputs in later rounds, and what it leaves is for the provider alone`()
        async throws
    {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            let text = visit.document.map { String(decoding: $0(), as: UTF8.self) } ?? ""
            guard visit.round == 1 else { return .now(.proceed) }
            let input = (try? JSONDocument.parse(text))?.root["input"].map { String(decoding: $0.raw, as: UTF8.self) }
            return .now(.replace(Array(#"{"input":\#(input?.replacing("secret", with: "masked") ?? "[]")}"#.utf8)))
        }
        let (response, provider) = try await turn(hook, tool: ServerTool("t", FakeTool("secret")))
        #expect(provider.bodies[1].contains("masked") && !provider.bodies[1].contains("secret"))
        #expect(response.outputs == ["secret"])
    }

    @Test func `tool_call may change the arguments, which are checked again`() async throws {
        let tool = FakeTool("r")
        let hook = FakeHook(at: .toolCall, .replace(Array(#"{"arguments":"{\"x\":2}"}"#.utf8)))
        let (response, _) = try await turn(hook, tool: ServerTool("t", tool))
        #expect(tool.calls.map { String(decoding: $0.arguments, as: UTF8.self) } == [#"{"x":2}"#])
        // What the model said stays as it was.
        #expect(String(decoding: response.output[0].body, as: UTF8.self).contains(#"{\"x\":1}"#))
        let odd = FakeHook(at: .toolCall, .replace(Array(#"{"arguments":"{\"x\":\"y\"}"}"#.utf8)))
        let (misfit, _) = try await turn(odd, tool: ServerTool("t", tool))
        #expect(misfit.outputs[0].hasPrefix("The tool was not called.") && tool.calls.count == 1)
    }

    @Test func `tool_call may answer in the tool's place`() async throws {
        let tool = FakeTool("r")
        let hook = FakeHook(at: .toolCall, .replace(Array(#"{"output":"from the hook"}"#.utf8)))
        let (response, _) = try await turn(hook, tool: ServerTool("t", tool))
        #expect(response.outputs == ["from the hook"] && tool.calls.isEmpty && response.types.last == "message")
    }

    @Test func `tool_result may change the output, and sees that a tool failed`() async throws {
        let hook = FakeHook(at: .toolResult, .replace(Array(#"{"output":"softer words"}"#.utf8)))
        let failing = ServerTool("t", FakeTool { _ in .failed(GatewayError(.provider, "Down.")) })
        let (response, provider) = try await turn(hook, tool: failing)
        #expect(response.outputs == ["softer words"] && provider.bodies[1].contains("softer words"))
        #expect(hook.visit(at: .toolResult)?.json?["is_error"]?.bool == true)
        #expect(hook.visit(at: .toolResult)?.json?["output"]?.string == "The tool failed: Down.")
    }

    @Test(arguments: [HookPoint.toolCall, .toolResult])
    func `a rejection ends the answer, and a hook that fails by its policy`(point: HookPoint) async throws {
        let rejecting = FakeHook(at: point, .reject(GatewayError(.invalidRequest, "Not this tool.", code: "no")))
        let rejected = await #expect(throws: GatewayError.self) {
            try await turn(rejecting, tool: ServerTool("t", FakeTool("r")))
        }
        #expect(rejected?.code == "no")
        let failing = FakeHook(at: point, .replace(Array(#"{"nonsense":1}"#.utf8)))
        let failed = await #expect(throws: GatewayError.self) {
            try await turn(failing, tool: ServerTool("t", FakeTool("r")))
        }
        #expect(failed?.code == "hook_failed")
        let (open, _) = try await turn(failing, tool: ServerTool("t", FakeTool("r")), onError: .failOpen)
        #expect(open.outputs == ["r"])
    }

    @Test func `a client that goes away while a hook has a call ends the answer, and no tool runs`() async throws {
        let hook = FakeHook(HookInterest([.toolCall])) { _, _ in .never }
        let tool = FakeTool("r")
        let gateway = Gateway(
            rounds([call(0, "t")]), tools: [ServerTool("t", tool)], hooks: [HookEntry(hook, budget: .seconds(60))])
        let loop = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: loop.loop)
        async let ended = loop.run { try await gateway.respond(to: .user("q"), in: exchange) }
        await hook.waiting.wait()
        loop.loop.execute { exchange.clientGone() }
        let response = try await ended
        #expect(response.incompleteReason == "cancelled" && tool.calls.isEmpty && response.outputs.count == 1)
    }

    @Test func `a hook may answer in the provider's place in a later round`() async throws {
        let hook = FakeHook(HookInterest([.historyLoaded])) { visit, _ in
            visit.round == 1 ? .now(.answer(HookAnswer(events: [.text("cached")], outcome: .stop))) : .now(.proceed)
        }
        let (response, provider) = try await turn(hook, tool: ServerTool("t", FakeTool("r")))
        #expect(response.types == ["function_call", "function_call_output", "message"] && response.text == "cached")
        #expect(provider.bodies.count == 1)
    }
}
