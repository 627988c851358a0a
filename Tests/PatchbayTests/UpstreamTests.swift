import Foundation
import Testing

/// Upstreams through the OpenAI plugin, over sockets on both sides: what is well, and what goes wrong (behaviour 11,
/// 21, 23, 27).
@Suite("Upstreams")
struct UpstreamTests {
    static func server(_ upstream: ScriptedUpstream, api: String = "chat_completions", idle: String = "1s") throws
        -> ServerProcess
    {
        try ServerProcess(
            """
            plugins:
              - name: upstream
                library: libpatchbay_openai.so
                config:
                  base_url: http://127.0.0.1:\(upstream.port)/v1
                  api: \(api)
                  api_key: sk-very-secret
                  timeouts: {connect: 2s, head: 2s, idle: \(idle)}
              - {name: history, library: libpatchbay_memory.so}
            models:
              - {name: "*", provider: upstream, upstream_model: inner-model}
            storage: {plugin: history}
            """)
    }

    static func chunk(_ delta: String, finish: String = "null") -> String {
        #"{"id":"chatcmpl-upstream","object":"chat.completion.chunk","created":1,"model":"inner-model","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    static let text = "Grüße, 世界! 🌍 👩‍🚀"
    static let chat = [
        chunk(#"{"role":"assistant","content":""}"#), chunk(#"{"content":"Grüße, "}"#), chunk(#"{"content":"世界! "}"#),
        chunk(#"{"content":"🌍 👩‍🚀"}"#), chunk("{}", finish: #""stop""#),
        #"{"id":"chatcmpl-upstream","object":"chat.completion.chunk","created":1,"model":"inner-model","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
        "[DONE]",
    ]

    static let whole =
        #"{"id":"chatcmpl-upstream","object":"chat.completion","created":1,"model":"inner-model","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#

    @Test("chat completions that are cut at every byte give the same text", arguments: [false, true])
    func everyByte(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        let bytes =
            streamed
            ? ScriptedUpstream.streamHead + ScriptedUpstream.events(Self.chat)
            : ScriptedUpstream.reply("200 OK", body: Self.whole)
        upstream.answer { connection in
            for byte in bytes { try connection.send([byte]) }
        }
        let answer = try server.respond("mine", "hello", streamed: streamed)
        #expect(answer.text == Self.text)
        #expect(answer.json["model"] == "mine")
        #expect(answer.json["usage"]?["total_tokens"] == 12)
    }

    @Test("cut in two at each place, with \\r\\n and comments, the text is the same")
    func everyCut() throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        let events = Array(": hello\r\n\r\n".utf8) + Array(Self.chat.map { "data: \($0)\r\n\r\n" }.joined().utf8)
        // The places inside the events with text; the rest is the same over and over.
        for cut in stride(from: 0, to: events.count, by: 7) {
            upstream.answer { connection in
                try connection.send(ScriptedUpstream.streamHead + events[..<cut])
                try connection.send(Array(events[cut...]))
            }
            #expect(try server.respond("mine", "hello", streamed: true).text == Self.text, "cut at \(cut)")
        }
    }

    @Test(
        "our ids never reach the upstream, nor the upstream's the client; the key is in no answer and no log",
        arguments: [false, true])
    func identifiers(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        upstream.answer(Self.chat, whole: Self.whole)
        let first = try server.respond("mine", "one", streamed: streamed)
        let second = try server.respond("mine", "two", after: first.id, streamed: streamed)
        let stored = try server.get("/v1/responses/\(second.id)")
        let items = try server.get("/v1/responses/\(second.id)/input_items")
        for answer in [first, second, stored, items] {
            #expect(!answer.json.text.contains("chatcmpl"))
            #expect(!answer.json.text.contains("inner-model"))
            #expect(!answer.json.text.contains("sk-very-secret"))
        }
        try #require(upstream.requests.count == 2)
        for request in upstream.requests {
            #expect(request.lowercased().contains("authorization: bearer sk-very-secret"))
            for mark in ["resp_", "msg_", "previous_response_id", "\"mine\""] {
                #expect(!request.contains(mark), "\(mark)")
            }
        }
        let body = try JSON(String(upstream.requests[1].components(separatedBy: "\r\n\r\n")[1]))
        #expect(body["messages"]?.elements.map { $0["role"] } == ["user", "assistant", "user"])
        #expect(!server.log.text.contains("sk-very-secret"))
    }

    @Test("an upstream's status before the first byte is ours", arguments: [false, true])
    func statuses(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        let body = #"{"error":{"message":"secret internals sk-very-secret","type":"x","code":null}}"#
        for (line, expected, type) in [
            ("429 Too Many Requests", 429, "rate_limit_error"), ("500 Internal Server Error", 502, "server_error"),
            ("401 Unauthorized", 502, "server_error"), ("503 Service Unavailable", 503, "server_error"),
        ] {
            upstream.answer { try $0.send(ScriptedUpstream.reply(line, headers: "Retry-After: 7\r\n", body: body)) }
            let answer = try server.respond("mine", "x", streamed: streamed)
            #expect(answer.status == expected, "\(line): \(answer.json.text)")
            #expect(answer.error["type"]?.string == type, "\(line)")
            #expect(!answer.json.text.contains("internals"))
            if line.hasPrefix("429") { #expect(answer.headers["retry-after"] == "7") }
        }
        let fault =
            #"{"error":{"message":"Invalid 'temperature'.","type":"invalid_request_error","param":"temperature","code":"bad"}}"#
        upstream.answer { try $0.send(ScriptedUpstream.reply("400 Bad Request", body: fault)) }
        let answer = try server.respond("mine", "x", streamed: streamed)
        #expect(answer.status == 400)
        #expect(answer.error["message"] == "The upstream refused the request: Invalid 'temperature'.")
        #expect(answer.error["param"] == "temperature")
        #expect(!server.log.text.contains("sk-very-secret"))
    }

    @Test(
        "an upstream that breaks off in the middle ends the stream with an error and response.failed",
        arguments: ["reset", "close", "stall", "malformed", "error"])
    func breaks(how: String) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        let begin = ScriptedUpstream.streamHead + ScriptedUpstream.events(Array(Self.chat.prefix(2)))
        let arrived = DispatchSemaphore(value: 0)
        upstream.answer { connection in
            try connection.send(begin)
            // The client has the beginning: a reset drops what is under way.
            _ = arrived.wait(timeout: .now() + 20)
            switch how {
            case "reset": connection.reset()
            case "stall": _ = try connection.receive(1)
            case "malformed":
                try connection.send(ScriptedUpstream.events([#"{"choices":[{"index":0,"delta":{"content":"#]))
            case "error":
                try connection.send(ScriptedUpstream.events([#"{"error":{"message":"secret internals","code":500}}"#]))
            default: break
            }
        }
        let stream = try server.open("mine", "x")
        var events: [SSEEvent] = []
        while let event = try stream.next() {
            events.append(event)
            if event.name == "response.output_text.delta" { arrived.signal() }
        }
        let response = try StreamRules.check(events)
        #expect(events.suffix(2).map(\.name) == ["error", "response.failed"], "\(how)")
        #expect(response["output"]?[0]?["content"]?[0]?["text"] == "Grüße, ")
        #expect(!events.contains { $0.data.contains("internals") })
        let next = try server.respond("mine", "on", after: response["id"]?.string)
        #expect(next.error["code"] == "previous_response_failed")
        arrived.signal()
        let whole = try server.respond("mine", "x")
        #expect([502, 504].contains(whole.status), "\(how): \(whole.status)")
    }

    @Test(
        "an upstream that resets, stalls or isn't there before the first byte is an HTTP status",
        arguments: [false, true])
    func nothing(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream)
        upstream.answer { $0.reset() }
        #expect(try server.respond("mine", "x", streamed: streamed).status == 502)
        upstream.answer { try $0.send(Array("garbage, no HTTP at all\r\n\r\n".utf8)) }
        #expect(try server.respond("mine", "x", streamed: streamed).status == 502)
        #expect(try server.get("/health").status == 200)
    }

    @Test("a client that leaves closes the upstream's connection")
    func cancel() throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream, idle: "10m")
        let closed = DispatchSemaphore(value: 0)
        upstream.answer { connection in
            try connection.send(ScriptedUpstream.streamHead + ScriptedUpstream.events(Array(Self.chat.prefix(2))))
            _ = try? connection.receive()
            closed.signal()
        }
        let stream = try server.open("mine", "x")
        while let event = try stream.next(), event.name != "response.output_text.delta" {}
        stream.connection.socket.close()
        // Long before the idle limit would close it.
        #expect(closed.wait(timeout: .now() + 30) == .success)
    }

    @Test("a Responses upstream: its ids are replaced, its items kept", arguments: [false, true])
    func responses(streamed: Bool) throws {
        let upstream = try ScriptedUpstream()
        let server = try Self.server(upstream, api: "responses")
        let item =
            #"{"id":"msg_upstream","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hello","annotations":[]}]}"#
        let events = [
            #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_upstream","object":"response","status":"in_progress","output":[]}}"#,
            #"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_upstream","type":"message","role":"assistant","status":"in_progress","content":[]}}"#,
            #"{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_upstream","output_index":0,"content_index":0,"delta":"hel","logprobs":[]}"#,
            #"{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_upstream","output_index":0,"content_index":0,"delta":"lo","logprobs":[]}"#,
            #"{"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":\#(item)}"#,
            #"{"type":"response.completed","sequence_number":5,"response":{"id":"resp_upstream","object":"response","status":"completed","output":[\#(item)],"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":3}}}"#,
        ]
        upstream.answer(
            events,
            whole:
                #"{"id":"resp_upstream","object":"response","status":"completed","output":[\#(item)],"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#
        )
        let first = try server.respond("mine", "one", streamed: streamed)
        #expect(first.text == "hello")
        let second = try server.respond("mine", "two", after: first.id, streamed: streamed)
        #expect(second.json["usage"]?["total_tokens"] == 3)
        for answer in [first, second] {
            #expect(!answer.json.text.contains("_upstream"))
            #expect(!answer.events.contains { $0.data.contains("_upstream") })
        }
        for request in upstream.requests {
            #expect(!request.contains(first.id))
            #expect(!request.contains("msg_"))
        }
    }
}
