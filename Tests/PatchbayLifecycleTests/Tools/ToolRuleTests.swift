import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Which of the server's tools may be called, how often, and by whose leave.
@Suite struct ToolRuleTests {
    private let again = Array(repeating: call(0, "t"), count: 40)

    @Test func `a tool whose approval is the client's is offered, and its call is handed to the client`() async throws {
        let tool = FakeTool("server")
        let provider = rounds([call(0, "t"), [.text("thanks")]])
        let gateway = Gateway(provider, tools: [ServerTool("t", tool, approval: .client)])
        let response = try await gateway.turn(.user("q"))
        #expect(response.status == .completed && response.types == ["function_call"] && tool.calls.isEmpty)
        #expect(provider.asked("tools")[0].contains(#""name":"t""#))
        let next = try await gateway.turn(.items([.output(of: "c0", "approved")], after: response.id))
        #expect(next.types == ["message"] && tool.calls.isEmpty)
    }

    @Test func `a tool that is never called is not offered, and the model is told so if it calls it`() async throws {
        let tool = ServerTool("t", FakeTool("server"), approval: .never)
        let provider = rounds([call(0, "t")])
        let response = try await Gateway(provider, tools: [tool]).turn(.user("q"))
        #expect(provider.asked("tools") == ["", ""] && tool.counts.calls == 0 && tool.counts.refusals == 1)
        #expect(response.outputs == ["The tool was not called. It may not be called on this server."])
        let forced = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, tools: [tool]).turn(
                .tools([], ["tool_choice": #"{"type":"function","name":"t"}"#]))
        }
        #expect(forced?.code == "invalid_value")
    }

    @Test(
        arguments: [
            (#""required""#, #""required""#, #""auto""#), (#"{"type":"function","name":"t"}"#, nil, #""auto""#),
            (#""auto""#, #""auto""#, #""auto""#),
            (
                #"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"t"}]}"#, #""required""#,
                #""auto""#
            ),
        ] as [(String, String?, String)])
    func `what tool_choice demands holds for the first round`(choice: String, first: String?, second: String)
        async throws
    {
        let provider = rounds([call(0, "t")])
        let tools = ["t", "u"].map { ServerTool($0, FakeTool("r")) }
        let response = try await Gateway(provider, tools: tools).turn(.tools([], ["tool_choice": choice]))
        #expect(provider.asked("tool_choice") == [first ?? choice, second])
        #expect(response.outputs == ["r"] && response.fields["tool_choice"] == Array(choice.utf8))
    }

    @Test func `what tool_choice allows and forbids holds for all rounds`() async throws {
        let allowed = #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"t"}]}"#
        let provider = rounds([call(0, "t"), call(0, "u")])
        let tools = ["t", "u"].map { ServerTool($0, FakeTool("r")) }
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(provider, tools: tools).turn(.tools([], ["tool_choice": allowed]))
        }
        #expect(error?.code == "tool_not_allowed")
        for tools in provider.asked("tools") {
            #expect(try JSONDocument.parse(tools).root.elements.map { $0["name"]?.string } == ["t"])
        }
        let forced = rounds([call(0, "t"), call(0, "u")])
        let response = try await Gateway(forced, tools: tools).turn(
            .tools([], ["tool_choice": #"{"type":"function","name":"t"}"#]))
        #expect(response.outputs == ["r", "r"])
    }

    @Test func `max_tool_calls counts over all rounds, and what is more is ignored`() async throws {
        let provider = rounds([call(0, "t") + call(1, "t"), call(0, "t") + call(1, "t"), [.text("enough")]])
        let tool = FakeTool("r")
        let response = try await Gateway(provider, tools: [ServerTool("t", tool)]).turn(
            .tools([], ["max_tool_calls": "3"]))
        #expect(tool.calls.count == 3 && response.outputs.count == 3)
        #expect(response.types.last == "message" && provider.bodies.count == 3)
        #expect(provider.asked("tool_choice").last == #""none""#)
    }

    @Test func `without parallel_tool_calls there is one call a round`() async throws {
        let provider = rounds([call(0, "t") + call(1, "t"), call(0, "t"), [.text("x")]])
        let tool = FakeTool("r")
        let response = try await Gateway(provider, tools: [ServerTool("t", tool)]).turn(
            .tools([], ["parallel_tool_calls": "false"]))
        #expect(tool.calls.count == 2 && tool.mostAtATime == 1)
        #expect(response.types.filter { $0 == "function_call" }.count == 2)
    }

    @Test func `after so many rounds the model is asked once more and may call nothing`() async throws {
        var policy = GatewayPolicy()
        policy.toolRounds = 3
        let provider = rounds(again)
        let tool = FakeTool("r")
        let response = try await Gateway(provider, tools: [ServerTool("t", tool)], policy: policy).turn(.user("q"))
        #expect(tool.calls.count == 3 && provider.bodies.count == 4 && response.status == .completed)
        #expect(provider.asked("tool_choice") == ["", "", "", #""none""#])
        // What it calls all the same is not shown.
        #expect(response.types.count == 6 && response.types.last == "function_call_output")
        #expect(provider.asked("tools").last?.contains(#""name":"t""#) == true)
    }

    @Test func `a model's default of tool_choice doesn't call for ever`() async throws {
        let provider = rounds([call(0, "t"), [.text("x")]])
        let defaults = RequestFields([.init(name: "tool_choice", json: Array(#""required""#.utf8))])
        let response = try await Gateway(provider, tools: [ServerTool("t", FakeTool("r"))], defaults: defaults)
            .turn(.user("q"))
        #expect(provider.asked("tool_choice") == [#""required""#, #""auto""#] && response.status == .completed)
    }

    @Test func `tools in the text of a model are found among the server's too`() async throws {
        let provider = FakeProvider(
            [.text("<tool_call>{\"name\": \"t\", \"arguments\": {\"x\": 1}}</tool_call>")], markup: ["m": .hermes])
        var policy = GatewayPolicy()
        policy.toolRounds = 1
        let tool = FakeTool("r")
        let response = try await Gateway(provider, tools: [ServerTool("t", tool)], policy: policy).turn(.user("q"))
        #expect(tool.calls.map { String(decoding: $0.arguments, as: UTF8.self) } == [#"{"x": 1}"#])
        #expect(response.outputs == ["r"])
    }

    @Test(arguments: [
        (#"{"x":"1"}"#, "'x' of the arguments is a string, and integer is expected"),
        ("[]", "The arguments are an array, and an object is expected."), ("{", "The arguments are not JSON."),
        (#"{"x":1,"x":2}"#, "The arguments are not JSON."),
        (#"{"y":1}"#, "'y' of the arguments"),
    ])
    func `arguments that don't fit are an output that says where, and the model goes on`(
        arguments: String, words: String
    ) async throws {
        let parameters = #"{"type":"object","properties":{"x":{"type":"integer"}},"additionalProperties":false}"#
        let tool = ServerTool("t", FakeTool("r"), parameters: parameters, onError: .fail)
        let provider = rounds([call(0, "t", arguments), call(0, "t", #"{"x":1}"#)])
        let response = try await Gateway(provider, tools: [tool]).turn(.user("q"))
        #expect(response.outputs.count == 2 && response.outputs.last == "r")
        #expect(response.outputs[0].hasPrefix("The tool was not called. ") && response.outputs[0].contains(words))
        #expect(tool.counts.refusals == 1 && tool.counts.calls == 1 && tool.counts.failures == 0)
    }

    @Test func `no text at all is no arguments`() async throws {
        let tool = FakeTool("r")
        let events: [ProviderEvent] = [.toolCall(index: 0, id: "c", name: "t"), .toolCallEnd(index: 0)]
        _ = try await Gateway(rounds([events]), tools: [ServerTool("t", tool)]).turn(.user("q"))
        #expect(tool.calls.map(\.arguments) == [Array("{}".utf8)])
    }
}
