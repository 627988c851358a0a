import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// Tools that fail, hang or say too much, and requests that end while tools run.
@Suite struct ToolFaultTests {
    private let down = GatewayError(.provider, "The service is down.", detail: "secret")

    private func gateway(
        _ tools: [ServerTool], _ events: [ProviderEvent] = call(0, "t"), store: FakeStore = FakeStore(),
        policy: GatewayPolicy = GatewayPolicy()
    ) -> Gateway {
        Gateway(rounds([events]), tools: tools, store: store, policy: policy)
    }

    @Test func `a tool that fails is an output that says so, and the model goes on`() async throws {
        for answer in [FakeTool.Answer.failed(down), .refused(down)] {
            let tool = ServerTool("t", FakeTool { _ in answer })
            let response = try await gateway([tool]).turn(.user("q"))
            #expect(response.status == .completed && response.types.last == "message")
            #expect(response.outputs == ["The tool failed: The service is down."])
            #expect(tool.counts.calls == 1 && tool.counts.failures == 1)
        }
    }

    @Test func `or ends the answer, where it is configured so`() async throws {
        let tool = ServerTool("t", FakeTool { _ in .failed(down) }, onError: .fail)
        let error = await #expect(throws: GatewayError.self) { try await gateway([tool]).turn(.user("q")) }
        #expect(error?.code == "tool_failed" && error?.kind == .provider && error?.detail == "secret")
        #expect(error?.message == "The tool 't' failed: The service is down.")
        let events = try await gateway([tool]).streamedTurn(.user("q", stream: true))
        try StreamRules.check(events)
        #expect(events.last.flatMap(\.response)?.error?.code == "tool_failed")
    }

    @Test func `a failure that ends the answer cancels the calls that still run`() async throws {
        let hanging = FakeTool { _ in .hangs }
        let tools = [
            ServerTool("t", FakeTool { _ in .failed(down) }, onError: .fail), ServerTool("u", hanging),
        ]
        let error = await #expect(throws: GatewayError.self) {
            try await gateway(tools, call(0, "t") + call(1, "u")).turn(.user("q"))
        }
        #expect(error?.code == "tool_failed" && hanging.cancelled == .limit)
    }

    @Test func `a tool that hangs is cancelled at its time limit, and the model is told`() async throws {
        let runner = FakeTool { _ in .hangs }
        let tool = ServerTool("t", runner, timeout: 20)
        let response = try await gateway([tool]).turn(.user("q"))
        #expect(response.outputs == ["The tool failed: it took longer than its time limit of 20 ms."])
        #expect(runner.cancelled == .deadline && tool.counts.timeouts == 1 && tool.counts.failures == 0)
        let failing = ServerTool("t", runner, onError: .fail, timeout: 20)
        let error = await #expect(throws: GatewayError.self) { try await gateway([failing]).turn(.user("q")) }
        #expect(error?.code == "tool_timeout" && error?.kind == .timeout)
    }

    @Test func `the time limit of the whole answer ends its tools`() async throws {
        let runner = FakeTool { _ in .hangs }
        let error = await #expect(throws: GatewayError.self) {
            try await gateway([ServerTool("t", runner)], policy: GatewayPolicy(answerTimeout: 20)).turn(.user("q"))
        }
        #expect(error?.kind == .timeout && runner.cancelled == .deadline)
    }

    @Test func `ten megabytes are cut on a character's border, and the model is told`() async throws {
        let megabyte = String(repeating: "ö", count: 1 << 19)
        let runner = FakeTool { _ in .texts(["a"] + Array(repeating: megabyte, count: 10)) }
        let response = try await gateway([ServerTool("t", runner, maxOutput: 1000)]).turn(.user("q"))
        let output = try #require(response.outputs.first)
        #expect(output.hasPrefix("aö") && output.contains("cut here, after 999 bytes"))
        #expect(output.utf8.count < 1100)
        let whole = FakeTool(String(repeating: "x", count: 1000))
        let fitting = try await gateway([ServerTool("t", whole, maxOutput: 1000)]).turn(.user("q"))
        #expect(fitting.outputs.first?.utf8.count == 1000)
    }

    @Test func `outputs count for the size of an answer`() async throws {
        let runner = FakeTool(String(repeating: "x", count: 10_000))
        let error = await #expect(throws: GatewayError.self) {
            try await gateway([ServerTool("t", runner)], policy: GatewayPolicy(maxAnswerBytes: 5000)).turn(.user("q"))
        }
        #expect(error?.code == "answer_too_large")
    }

    @Test func `a client that goes away ends all running tools at once, and the turn can be continued`() async throws {
        let runner = FakeTool { _ in .hangs }
        let store = FakeStore()
        let gateway = gateway([ServerTool("t", runner)], call(0, "t") + call(1, "t"), store: store)
        let loop = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: loop.loop)
        async let ended = loop.run { try await gateway.respond(to: .user("q"), in: exchange) }
        while runner.mostAtATime < 2 { await Task.yield() }
        loop.loop.execute { exchange.clientGone() }
        let response = try await ended
        #expect(response.status == .incomplete && response.incompleteReason == "cancelled")
        #expect(runner.cancelled == .clientGone)
        // Whoever continues it finds an output for each call.
        #expect(response.outputs == Array(repeating: "The tool was cancelled before it had ended.", count: 2))
        #expect(try await gateway.turn(.user("more", after: response.id)).status == .completed)
    }

    @Test func `a client that cancels its response ends its tools`() async throws {
        let runner = FakeTool { _ in .hangs }
        let gateway = gateway([ServerTool("t", runner)])
        let id = try await gateway.turn(.background("q")).id
        await runner.started.wait()
        #expect(try await gateway.cancelled(id).status == .cancelled)
        #expect(runner.cancelled == .requested)
    }

    @Test func `a server that stops ends its tools`() async throws {
        let runner = FakeTool { _ in .hangs }
        let gateway = gateway([ServerTool("t", runner)])
        let loop = LoopRunner()
        let exchange = Exchange(id: "req_1", owner: "a", strand: loop.loop)
        async let ended = Result<Response, any Error> {
            try await loop.run { try await gateway.respond(to: .user("q"), in: exchange) }
        }
        await runner.started.wait()
        loop.loop.execute { exchange.shutdown() }
        let result = await ended
        #expect(throws: GatewayError.self) { try result.get() }
        #expect(runner.cancelled == .shutdown)
    }

    @Test func `a call that was cut by the limit of tokens is not made, and has an output`() async throws {
        let tool = FakeTool("r")
        let provider = ScriptedProvider { _, attempt in
            attempt == 1
                ? (call(0, "t") + [.toolCall(index: 1, id: "c1", name: "t")], ProviderEnd(.length))
                : ([.text("x")], ProviderEnd(.stop))
        }
        let gateway = Gateway(provider, tools: [ServerTool("t", tool)])
        let response = try await gateway.turn(.user("q"))
        #expect(response.status == .incomplete && tool.calls.isEmpty && provider.bodies.count == 1)
        #expect(response.outputs.count == 2)
        _ = try await gateway.turn(.user("more", after: response.id))
        #expect(provider.asked("input")[1].contains("cancelled before it had ended"))
    }

    @Test func `a provider that fails in a later round ends the answer with its usage so far`() async throws {
        let provider = ScriptedProvider { _, attempt in
            attempt == 1
                ? (call(0, "t"), ProviderEnd(.stop, usage: Usage(inputTokens: 10, outputTokens: 3)))
                : ([.text("half")], ProviderEnd(.failed(GatewayError(.provider, "down"))))
        }
        let gateway = Gateway(provider, tools: [ServerTool("t", FakeTool("r"))])
        let response = try #require(try await gateway.streamedTurn(.user("q", stream: true)).last?.response)
        #expect(response.status == .failed && response.usage == Usage(inputTokens: 10, outputTokens: 3))
        #expect(response.types == ["function_call", "function_call_output", "message"])
    }
}

extension Result where Failure == any Error {
    /// What comes of it.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
