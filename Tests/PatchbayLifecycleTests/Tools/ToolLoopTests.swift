import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// The server's tools inside a response: call, result, model.
@Suite struct ToolLoopTests {
    private let ask = Request.user("q")

    @Test func `a call is made, its output is an item, and the model answers with it`() async throws {
        let tool = FakeTool("sunny")
        let provider = rounds([[.text("I look.")] + call(0, "weather", #"{"x":1}"#), [.text("It is sunny.")]])
        let response = try await Gateway(provider, tools: [ServerTool("weather", tool)]).turn(ask)
        #expect(response.status == .completed)
        #expect(response.types == ["message", "function_call", "function_call_output", "message"])
        #expect(response.outputs == ["sunny"])
        let output = response.output[2]
        #expect(output.id?.hasPrefix("fco_") == true && output.callID == response.output[1].callID)
        let call = try #require(tool.calls.first)
        #expect(call.name == "weather" && call.arguments == Array(#"{"x":1}"#.utf8) && call.callID == "c0")
        #expect(call.requestID == "req_1" && call.owner == Digest.hex("a"))
        // The second time the model is given the input, then all that it said itself, then the output.
        let input = try JSONDocument.parse(provider.asked("input")[1]).root
        #expect(
            input.elements.map { $0["type"]?.string }
                == ["message", "message", "function_call", "function_call_output"])
        #expect(input[3]?["output"]?.string == "sunny" && input[3]?.has("id") == false)
    }

    @Test func `a stream shows the call, its output and the answer by the rules`() async throws {
        let provider = rounds([call(0, "weather"), [.text("It is "), .text("sunny.")]])
        let gateway = Gateway(provider, tools: [ServerTool("weather", FakeTool("sunny"))])
        let events = try await gateway.streamedTurn(.user("q", stream: true))
        try StreamRules.check(events)
        let response = try #require(events.last.flatMap(\.response))
        #expect(response.types == ["function_call", "function_call_output", "message"])
        let output = events.compactMap { event in
            switch event {
            case .itemAdded(1, .opaque(let item)), .itemDone(1, .opaque(let item)): item
            default: nil as Item?
            }
        }
        #expect(output == [response.output[1], response.output[1]])
    }

    /// The events, but for whose calls they are, which is known only while they are made.
    private func shown(_ events: [ResponseEvent]) -> [String] {
        events.map { "\($0)".replacing("isServers: true", with: "isServers: false") }
    }

    @Test func `the stream of an answer with tools is the same for those who take it up again`() async throws {
        let store = FakeStore()
        let provider = rounds([
            [.reasoning("hm"), .reasoningOpaque("e")] + call(0, "t") + call(1, "t"), [.text("more")] + call(0, "t"),
        ])
        let gateway = Gateway(provider, tools: [ServerTool("t", FakeTool("\"ö\n"))], store: store)
        let stream = try await gateway.streamedTurn(.user("q", stream: true))
        let id = try #require(stream.last.flatMap(\.response)).id
        #expect(try await shown(gateway.resumed(id)) == shown(stream))
        let elsewhere = Gateway(provider, tools: [], store: store)
        #expect(try await shown(elsewhere.resumed(id)) == shown(stream))
    }

    @Test func `several calls run at the same time, and their outputs are in the order of the calls`() async throws {
        let tool = FakeTool { _ in .hangs }
        let provider = rounds([call(0, "t", #"{"x":0}"#) + call(1, "t", #"{"x":1}"#) + call(2, "t", #"{"x":2}"#)])
        let gateway = Gateway(provider, tools: [ServerTool("t", tool)])
        async let response = gateway.turn(ask)
        while tool.mostAtATime < 3 { await Task.yield() }
        tool.release("r")
        let output = try await response.output
        #expect(output.filter { $0.kind == .functionCallOutput }.map(\.callID) == ["c0", "c1", "c2"])
    }

    @Test func `no more than eight tools run at a time, and all run`() async throws {
        let tool = FakeTool("r")
        let calls = (0..<40).flatMap { call($0, "t") }
        let response = try await Gateway(rounds([calls]), tools: [ServerTool("t", tool)]).turn(ask)
        #expect(tool.calls.count == 40 && response.outputs.count == 40)
        #expect(tool.mostAtATime == ToolGroup.maxRunning)
    }

    @Test func `the server's tools stand beside the client's, and the response doesn't name them`() async throws {
        let provider = rounds([[.text("x")]])
        let strict =
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#
        let gateway = Gateway(
            provider,
            tools: [ServerTool("s", FakeTool("")), ServerTool("t", FakeTool(""), parameters: strict)])
        let response = try await gateway.turn(.tools(["f"], [:]))
        let tools = try JSONDocument.parse(provider.asked("tools")[0]).root
        #expect(tools.elements.map { $0["name"]?.string } == ["f", "s", "t"])
        #expect(tools.elements.map { $0["strict"]?.bool } == [nil, false, true])
        #expect(tools[2]?["description"]?.string == "Does t." && tools[2]?["type"]?.string == "function")
        #expect(tools[2].map { String(decoding: $0["parameters"]?.raw ?? [], as: UTF8.self) } == strict)
        #expect(response.fields["tools"] == Request.tools(["f"], [:]).fields["tools"])
    }

    @Test func `a model is offered the tools that its entry names`() async throws {
        let tools = ["s", "t"].map { ServerTool($0, FakeTool("")) }
        for (offered, names) in [(nil, ["s", "t"]), (["t"], ["t"])] as [([String]?, [String])] {
            let provider = rounds([[.text("x")]])
            _ = try await Gateway(provider, tools: tools, offered: offered).turn(ask)
            let found = try JSONDocument.parse(provider.asked("tools")[0]).root.elements.map { $0["name"]?.string }
            #expect(found == names)
        }
        let none = rounds([call(0, "t")])
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(none, tools: tools, offered: []).turn(ask)
        }
        #expect(error?.code == "tool_not_allowed" && none.asked("tools") == [""])
    }

    @Test func `a function that the client offers under the same name is the client's`() async throws {
        let tool = FakeTool("server")
        let provider = rounds([call(0, "f")])
        let response = try await Gateway(provider, tools: [ServerTool("f", tool)]).turn(.tools(["f"], [:]))
        #expect(response.types == ["function_call"] && tool.calls.isEmpty)
        #expect(try JSONDocument.parse(provider.asked("tools")[0]).root.count == 1)
    }

    @Test func `a client's call and a server's in one turn, continued by previous_response_id`() async throws {
        let tool = FakeTool("server's")
        let provider = rounds([call(0, "f") + call(1, "t"), [.text("both")]])
        let gateway = Gateway(provider, tools: [ServerTool("t", tool)])
        let first = try await gateway.turn(.tools(["f"], [:]))
        #expect(
            first.status == .completed && first.types == ["function_call", "function_call", "function_call_output"])
        #expect(first.output[2].callID == "c1" && provider.bodies.count == 1)
        var next = Request.tools(["f"], [:])
        next.input = [.output(of: "c0", "client's")]
        next.previousResponseID = first.id
        let second = try await gateway.turn(next)
        #expect(second.types == ["message"] && tool.calls.count == 1)
        let input = try JSONDocument.parse(provider.asked("input")[1]).root
        #expect(input.elements.suffix(2).map { $0["output"]?.string } == ["server's", "client's"])
    }

    @Test func `the usage is that of all rounds, what a provider didn't say guessed for each`() async throws {
        let provider = ScriptedProvider { _, attempt in
            (
                attempt == 1 ? call(0, "t") : [.text("a long answer that has words")],
                ProviderEnd(
                    .stop, usage: attempt == 1 ? Usage(inputTokens: 10, outputTokens: 3) : Usage(inputTokens: 20))
            )
        }
        let usage = try await Gateway(provider, tools: [ServerTool("t", FakeTool(""))]).turn(ask).usage
        #expect(usage?.inputTokens == 30 && (usage?.outputTokens ?? 0) > 3 && usage?.isEstimated == true)
        let known = try await Gateway(rounds([call(0, "t")]), tools: [ServerTool("t", FakeTool(""))]).turn(ask).usage
        #expect(known == Usage(inputTokens: 20, outputTokens: 6))
    }

    @Test func `calls that come as whole items are made as well`() async throws {
        let item = #"{"type":"function_call","call_id":"c9","name":"t","arguments":"{\"x\":2}"}"#
        let tool = FakeTool("r")
        let response = try await Gateway(rounds([[.item(Array(item.utf8))]]), tools: [ServerTool("t", tool)]).turn(ask)
        #expect(response.outputs == ["r"] && tool.calls.map(\.callID) == ["c9"])
    }

    @Test func `a turn that isn't stored, one of the background and one of a conversation do the same`() async throws {
        func gateway() -> Gateway {
            Gateway(rounds([call(0, "t")]), tools: [ServerTool("t", FakeTool("r"))])
        }
        let types = ["function_call", "function_call_output", "message"]
        #expect(try await gateway().turn(.user("q", store: false)).types == types)
        let background = gateway()
        let id = try await background.turn(.background("q")).id
        while try await background.response(id, owner: "a").status != .completed { await Task.yield() }
        #expect(try await background.response(id, owner: "a").types == types)
        let held = gateway()
        let conversation = try await held.begin()
        #expect(try await held.turn(.user("q", in: conversation)).types == types)
        #expect(try await held.allItems(of: conversation).map(\.type) == ["message"] + types)
    }

    @Test func `what text.format promises is looked for in the last message`() async throws {
        let provider = rounds([[.text("I look.")] + call(0, "t"), [.text(#"{"a":1}"#)]])
        let object = #"{"format":{"type":"json_object"}}"#
        let gateway = Gateway(provider, tools: [ServerTool("t", FakeTool(""))])
        #expect(try await gateway.turn(.tools([], ["text": object])).status == .completed)
        let broken = Gateway(rounds([call(0, "t"), [.text("no")]]), tools: [ServerTool("t", FakeTool(""))])
        let error = await #expect(throws: GatewayError.self) { try await broken.turn(.tools([], ["text": object])) }
        #expect(error?.code == "output_not_json")
    }

    @Test func `a later round's provider that fails before its first word gives way to the next`() async throws {
        let first = ScriptedProvider("one") { _, attempt in
            attempt == 1
                ? ([.reasoning("r"), .reasoningOpaque("sealed")] + call(0, "t"), ProviderEnd(.stop))
                : ([], ProviderEnd(.failed(GatewayError(.overloaded, "full"))))
        }
        let second = ScriptedProvider("two") { _, _ in ([.text("here")], ProviderEnd(.stop)) }
        let store = FakeStore()
        let gateway = Gateway(
            router: Router([
                Router.Entry(name: "m", provider: first, fallbacks: ["n"]), Router.Entry(name: "n", provider: second),
            ]), store: store, tools: [ServerTool("t", FakeTool("r"))], clock: StoppedClock(), logger: .quiet)
        let response = try await gateway.turn(ask)
        #expect(response.types == ["reasoning", "function_call", "function_call_output", "message"])
        // Nobody else is given what only the first can read: not in this answer, and not in the turns after it.
        #expect(first.bodies[1].contains("sealed") && !second.bodies[0].contains("sealed"))
        _ = try await gateway.turn(.user("more", after: response.id))
        #expect(!second.bodies[1].contains("sealed") && !first.bodies[2].contains("sealed"))
    }

    @Test func `tokens are counted with the tools that the model would be given`() async throws {
        let provider = SummarisingProvider()
        let tools = Gateway(provider, tools: [ServerTool("t", FakeTool(""))])
        let without = Gateway(provider, tools: [])
        #expect(try await tools.counted(ask).tokens > without.counted(ask).tokens + 50)
    }
}
