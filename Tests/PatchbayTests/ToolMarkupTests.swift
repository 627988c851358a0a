import Foundation
import Testing

/// Upstreams that leave a model's tool calls in its text (behaviour 22).
@Suite("Tool markup")
struct ToolMarkupTests {
    private static let tools: JSON = [
        [
            "type": "function", "name": "get_weather",
            "parameters": ["type": "object", "properties": ["city": ["type": "string"]]],
        ]
    ]

    private static func server(_ upstream: ScriptedUpstream) throws -> ServerProcess {
        try ServerProcess(
            """
            plugins:
              - name: upstream
                library: libpatchbay_openai.so
                config:
                  base_url: http://127.0.0.1:\(upstream.port)/v1
                  api: chat_completions
              - {name: history, library: libpatchbay_memory.so}
            models:
              - {name: hermes, provider: upstream, tool_markup: hermes}
              - {name: glm, provider: upstream, tool_markup: glm}
              - {name: mistral, provider: upstream, tool_markup: mistral}
              - {name: plain, provider: upstream}
            storage: {plugin: history}
            """)
    }

    private static func answer(_ upstream: ScriptedUpstream, _ pieces: [String]) throws {
        let deltas = pieces.map { UpstreamTests.chunk("{\"content\":\(JSON.string($0).text)}") }
        let events = deltas + [UpstreamTests.chunk("{}", finish: #""stop""#), "[DONE]"]
        let whole =
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":\#(JSON.string(pieces.joined()).text)},"finish_reason":"stop"}]}"#
        upstream.answer(events, whole: whole)
    }

    private static func output(_ answer: Answer) -> [String] {
        (answer.json["output"]?.elements ?? []).map { item in
            item["type"] == "function_call"
                ? "\(item["name"]?.string ?? "")\(item["arguments"]?.string ?? "")"
                : item["content"]?[0]?["text"]?.string ?? ""
        }
    }

    private static let markup = [
        (
            "hermes",
            "I'll look. <tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"東京\"}}\n</tool_call>\nDone."
        ),
        (
            "glm",
            "I'll look. <tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>東京</arg_value>\n</tool_call>\nDone."
        ),
        ("mistral", "I'll look. [TOOL_CALLS]get_weather[ARGS]{\"city\": \"東京\"}\nDone."),
    ]

    @Test("markup in an upstream's text becomes a call, and the turn goes on from it", arguments: [false, true])
    func calls(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        for (model, text) in Self.markup {
            try Self.answer(upstream, text.map { String($0) })
            let answer = try server.respond(model, "weather?", streamed: streamed, ["tools": Self.tools])
            let arguments = model == "glm" ? #"{"city":"東京"}"# : #"{"city": "東京"}"#
            #expect(Self.output(answer) == ["I'll look.", "get_weather" + arguments, "Done."])
            let call = try #require(answer.json["output"]?[1]?["call_id"]?.string)
            // The call's output is taken, and the upstream sees the call as one.
            try Self.answer(upstream, ["Rain."])
            let output: JSON = [["type": "function_call_output", "call_id": .string(call), "output": "rain"]]
            let next = try server.respond(model, output, after: answer.id, streamed: streamed, ["tools": Self.tools])
            #expect(Self.output(next) == ["Rain."])
            #expect(upstream.requests.last?.contains("tool_calls") == true)
            #expect(upstream.requests.last?.contains("<tool_call>") == false)
        }
    }

    @Test("without the key, without tools and with tool_choice none the text is the text", arguments: [false, true])
    func text(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        let text = Self.markup[0].1
        try Self.answer(upstream, [text])
        let plain = try server.respond("plain", "weather?", streamed: streamed, ["tools": Self.tools])
        let toolless = try server.respond("hermes", "weather?", streamed: streamed)
        let none = try server.respond(
            "hermes", "weather?", streamed: streamed, ["tools": Self.tools, "tool_choice": "none"])
        for answer in [plain, toolless, none] { #expect(Self.output(answer) == [text]) }
    }
}
