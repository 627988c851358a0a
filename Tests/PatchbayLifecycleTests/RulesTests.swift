import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What a model may call, and what `text.format` promises, held by the host whatever the provider does.
@Suite struct RulesTests {
    private func call(_ index: Int, _ name: String) -> [ProviderEvent] {
        [
            .toolCall(index: index, id: "c\(index)", name: name), .arguments(index: index, "{}"),
            .toolCallEnd(index: index),
        ]
    }

    private func gateway(_ events: [ProviderEvent], _ outcome: ProviderEnd.Outcome = .stop) -> Gateway {
        Gateway(FakeProvider(events, outcome), store: FakeStore())
    }

    @Test(arguments: [
        (#""auto""#, "f"), (#""required""#, "g"), (#"{"type":"function","name":"f"}"#, "f"),
        (#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]}"#, "g"),
    ])
    func `what is allowed may be called`(choice: String, name: String) async throws {
        let request = Request.tools(["f", "g"], ["tool_choice": choice])
        #expect(try await gateway(call(0, name)).turn(request).output.map(\.type) == ["function_call"])
    }

    @Test(arguments: [
        (#""none""#, "f", "although 'tool_choice' is 'none'"), (#""auto""#, "h", "which the request does not offer"),
        (#"{"type":"function","name":"f"}"#, "g", "which 'tool_choice' does not allow"),
        (
            #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]}"#, "f",
            "which 'tool_choice' does not allow"
        ),
    ])
    func `a call of what isn't allowed never reaches the client`(choice: String, name: String, words: String)
        async throws
    {
        let request = Request.tools(["f", "g"], ["tool_choice": choice])
        let events = try await gateway(call(0, name)).streamedTurn(request)
        guard case .failed(let response) = events.last else {
            Issue.record("no response.failed")
            return
        }
        #expect(response.error?.code == "tool_not_allowed" && response.error?.message.contains(words) == true)
        #expect(response.output.isEmpty)
        let error = await #expect(throws: GatewayError.self) { try await gateway(call(0, name)).turn(request) }
        #expect(error?.code == "tool_not_allowed" && error?.kind == .provider)
    }

    @Test func `a call that comes as a whole item is held to the same rules`() async throws {
        let item = ProviderEvent.item(
            Array(#"{"type":"function_call","call_id":"c","name":"h","arguments":"{}"}"#.utf8))
        let error = await #expect(throws: GatewayError.self) { try await gateway([item]).turn(.tools(["f"], [:])) }
        #expect(error?.code == "tool_not_allowed")
        let hosted = ProviderEvent.item(Array(#"{"type":"web_search_call","status":"completed"}"#.utf8))
        #expect(try await gateway([hosted]).turn(.tools(["f"], [:])).output.count == 1)
        let none = await #expect(throws: GatewayError.self) {
            try await gateway([hosted]).turn(.tools(["f"], ["tool_choice": #""none""#]))
        }
        #expect(none?.code == "tool_not_allowed")
    }

    @Test func `tools that bring functions of their own leave the names open`() async throws {
        var request = Request.tools([], [:])
        request.tools = [Tool(type: "namespace", name: "n")]
        #expect(try await gateway(call(0, "anything")).turn(request).output.count == 1)
    }

    @Test(
        arguments: [
            (["max_tool_calls": "2"], 2), (["parallel_tool_calls": "false"], 1), ([:], 3),
            (["max_tool_calls": "2", "parallel_tool_calls": "false"], 1),
        ] as [([String: String], Int)])
    func `calls past the bound are ignored whole`(fields: [String: String], count: Int) async throws {
        let events =
            call(0, "f") + [.toolCall(index: 1, id: "", name: "f"), .toolCall(index: 2, id: "", name: "f")]
            + [.arguments(index: 2, "{"), .arguments(index: 1, "{}"), .arguments(index: 2, "}")]
            + [.toolCallEnd(index: 2), .toolCallEnd(index: 1), .text("done")]
        let response = try await gateway(events).turn(.tools(["f"], fields))
        #expect(response.output.filter { $0.kind == .functionCall }.count == count)
        #expect(response.status == .completed && response.output.last?.type == "message")
    }

    @Test(arguments: [
        ([], #""required""#, "tool_choice"), ([], #"{"type":"function","name":"g"}"#, "tool_choice"),
        (["f"], #"{"type":"function","name":"g"}"#, "tool_choice"), (["f"], #"{"type":"web_search"}"#, "tool_choice"),
        (["f"], #"{"type":"custom","name":"f"}"#, "tool_choice"),
        (
            ["f"],
            #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"},{"type":"function","name":"g"}]}"#,
            "tool_choice.tools[1]"
        ),
    ])
    func `a choice of what isn't offered is refused before a provider is asked`(
        names: [String], choice: String, path: String
    ) async throws {
        let provider = FakeProvider([.text("x")])
        let gateway = Gateway(provider, store: FakeStore())
        let error = await #expect(throws: GatewayError.self) {
            try await gateway.turn(.tools(names, ["tool_choice": choice]))
        }
        #expect(error?.kind == .invalidRequest && error?.code == "invalid_value" && error?.param == path)
        let counting = await #expect(throws: GatewayError.self) {
            try await gateway.counted(.tools(names, ["tool_choice": choice]))
        }
        #expect(counting?.param == path && provider.requests.isEmpty)
    }

    @Test func `the provider is offered only the allowed tools, and the response repeats what the client said`()
        async throws
    {
        let provider = FakeProvider([.text("x")])
        let choice = #"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]}"#
        let response = try await Gateway(provider, store: nil).turn(.tools(["f", "g"], ["tool_choice": choice]))
        let body = try JSONDocument.parse(Array(provider.lastBody.utf8)).root
        #expect(body["tools"]?.elements.map { $0["name"]?.string } == ["g"])
        #expect(body["tool_choice"]?.string == "required")
        #expect(response.fields["tool_choice"] == Array(choice.utf8))
        #expect(response.fields["tools"] == Request.tools(["f", "g"], [:]).fields["tools"])
    }

    private static let schema =
        #"{"format":{"type":"json_schema","name":"n","schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}"#
    private static let object = #"{"format":{"type":"json_object"}}"#

    @Test(arguments: [
        (schema, #"{"a":1}"#), (object, #"{"b":[1]}"#), (#"{"format":{"type":"text"}}"#, "no JSON"), ("{}", "no JSON"),
    ])
    func `an answer that keeps the promise of text.format passes`(format: String, text: String) async throws {
        #expect(try await gateway([.text(text)]).turn(.tools([], ["text": format])).status == .completed)
    }

    @Test(arguments: [
        (schema, #"{"a":"1"}"#, "output_schema_mismatch"), (schema, "no JSON", "output_not_json"),
        (schema, "", "output_not_json"), (object, "[1]", "output_not_json"), (object, #"{"a":1"#, "output_not_json"),
    ])
    func `an answer that breaks it fails`(format: String, text: String, code: String) async throws {
        let request = Request.tools([], ["text": format])
        let events = try await gateway([.text(text)]).streamedTurn(request)
        guard case .failed(let response) = events.last else {
            Issue.record("no response.failed")
            return
        }
        #expect(response.error?.code == code && response.completedAt == nil && response.usage != nil)
        let error = await #expect(throws: GatewayError.self) { try await gateway([.text(text)]).turn(request) }
        #expect(error?.code == code && error?.kind == .provider)
    }

    @Test func `the place of the mismatch is named`() async throws {
        let request = Request.tools([], ["text": Self.schema])
        let error = await #expect(throws: GatewayError.self) {
            try await gateway([.text(#"{"a":null}"#)]).turn(request)
        }
        #expect(
            error?.message
                == "'a' of the model's answer is null, and integer is expected: it does not fit the schema of 'text.format'."
        )
    }

    @Test func `what is cut, refused or calls a function promises nothing`() async throws {
        let request = Request.tools(["f"], ["text": Self.schema])
        #expect(try await gateway([.text(#"{"a":"#)], .length).turn(request).status == .incomplete)
        #expect(try await gateway([.refusal("No.")]).turn(request).status == .completed)
        #expect(try await gateway([.text("I look it up.")] + call(0, "f")).turn(request).status == .completed)
    }
}

extension Request {
    /// A question with these functions and fields.
    static func tools(_ names: [String], _ fields: [String: String]) -> Request {
        var request = Request.user("hi")
        let tools = names.map { #"{"type":"function","name":"\#($0)"}"# }.joined(separator: ",")
        request.fields["tools"] = Array("[\(tools)]".utf8)
        for (name, json) in fields { request.fields[name] = Array(json.utf8) }
        request.tools = names.map { Tool(type: "function", name: $0) }
        return request
    }
}
