import Testing

/// The whole stream of every kind of answer, byte for byte but for ids and times (behaviour 19 and 20).
/// PATCHBAY_UPDATE_FIXTURES=1 writes Fixtures/*.sse.
@Suite("Golden transcripts")
struct TranscriptTests {
    static let weather: JSON = [
        "type": "function", "name": "weather", "description": "The weather of a city.", "strict": true,
        "parameters": [
            "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
            "additionalProperties": false,
        ],
    ]
    static let time: JSON = [
        "type": "function", "name": "time",
        "parameters": ["type": "object", "properties": ["zone": ["type": "string"]], "required": ["zone"]],
    ]

    static let cases: [(name: String, model: String, input: JSON, fields: JSON)] = [
        ("echo", "echo", "Hello there, world", [:]),
        (
            "reason", "reason", "Why?",
            ["reasoning": ["effort": "low", "summary": "auto"], "include": ["reasoning.encrypted_content"]]
        ),
        ("refuse", "refuse", "Help me", [:]),
        ("tool", "tool", "Weather?", ["tools": [weather]]),
        (
            "tools", "tools", "Weather and time?",
            ["tools": [weather, time], "tool_choice": "required", "parallel_tool_calls": true]
        ),
        ("item", "item", "Thing", [:]),
        ("parts", "parts", "Parts", [:]),
        ("length", "length", "cut short", ["max_output_tokens": 16]),
        ("filter", "filter", "not for you", [:]),
        ("silent", "silent", "say nothing", [:]),
        ("fail_after", "fail_after", "x", [:]),
        ("fail_after_ratelimit", "fail_after", "ratelimit", [:]),
        ("unicode", "unicode", "x", [:]),
        ("logprobs", "logprobs", "x", ["top_logprobs": 1, "include": ["message.output_text.logprobs"]]),
        ("annotations", "annotations", "x", [:]),
        (
            "fields", "echo", #"{"all": "fields"}"#,
            [
                "instructions": "Be exact.", "metadata": ["a": "1"], "temperature": 0.25, "top_p": 0.5,
                "max_output_tokens": 64,
                "max_tool_calls": 3, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k",
                "service_tier": "auto",
                "truncation": "auto", "store": false, "text": ["format": ["type": "json_object"], "verbosity": "low"],
                "unknown_field": ["kept": false],
            ]
        ),
    ]

    @Test("the stream is the kept one", arguments: cases.map(\.name))
    func transcript(name: String) throws {
        let turn = try #require(Self.cases.first { $0.name == name })
        let server = try ServerProcess(Setup(store: .memory))
        let answer = try server.respond(turn.model, turn.input, streamed: true, turn.fields)
        try #require(answer.status == 200, "\(answer.json.text)")
        let text = Transcript.normalised(answer.events)
        #expect(text == (try Transcript.kept(name, becoming: text)))
    }

    @Test(
        "the answer that isn't streamed is the last event's response",
        arguments: cases.map(\.name).filter { !$0.hasPrefix("fail_after") })
    func whole(name: String) throws {
        let turn = try #require(Self.cases.first { $0.name == name })
        let server = try ServerProcess(Setup(store: .memory))
        let streamed = try server.respond(turn.model, turn.input, streamed: true, turn.fields)
        let whole = try server.respond(turn.model, turn.input, turn.fields)
        #expect(Self.comparable(whole.json) == Self.comparable(streamed.json))
    }

    @Test(
        "sse_done: true ends the stream with [DONE], and without it nothing follows the terminal event",
        arguments: [true, false])
    func done(isOn: Bool) throws {
        let server = try ServerProcess(Setup(store: .memory).with(sections: "server: {sse_done: \(isOn)}"))
        let connection = try HTTPConnection(server)
        try connection.send(
            "POST", "/v1/responses", headers: ["Content-Type": "application/json"],
            body: Array(#"{"model":"echo","input":"x","stream":true}"#.utf8))
        _ = try connection.readHead()
        let text = String(decoding: try connection.readWholeBody(), as: UTF8.self)
        #expect(text.hasSuffix("}\n\ndata: [DONE]\n\n") == isOn)
        #expect(text.contains("[DONE]") == isOn)
    }

    @Test("an idle stream is kept alive by comments, and a client doesn't see them as events")
    func comments() throws {
        let server = try ServerProcess(Setup(store: .memory).with(sections: "server: {sse_comment_interval: 50ms}"))
        let stream = try server.open("slow", "one two three every 400")
        #expect(try StreamRules.check(stream.all())["status"] == "completed")
        #expect(stream.comments > 0)
    }

    @Test("every answer has a request id", arguments: [false, true])
    func requestID(streamed: Bool) throws {
        let server = try ServerProcess(Setup(store: nil))
        let answers = [
            try server.respond("echo", "x", streamed: streamed), try server.respond("fail", "x", streamed: streamed),
        ]
        let ids = answers.compactMap { $0.headers["x-request-id"] }
        #expect(Set(ids).count == 2)
    }

    /// A response without what is new in each: ids and times.
    static func comparable(_ json: JSON) -> String {
        Transcript.normalised([SSEEvent(name: "", data: json.text, json: json)])
    }
}
