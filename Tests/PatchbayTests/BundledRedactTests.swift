import Testing

/// Redact in the server.
@Suite("Bundled hooks: Redact")
struct BundledRedactTests {
    static let said = "Write to bob@example.com or +1 415-555-0132, and charge 4111 1111 1111 1111."
    static let masked = "Write to [EMAIL] or [PHONE], and charge [CARD]."

    @Test("what is masked reaches neither the model nor the store, in this turn and the next", arguments: Setup.all)
    func masks(setup: Setup) throws {
        let server = try HookSetup(hooks: [(.redact, "{}")], store: setup.store ?? .sqlite).start()
        let first = try server.respond("echo", .string(Self.said), streamed: setup.streamed)
        #expect(first.text == Self.masked)
        let items = try server.get("/v1/responses/\(first.id)/input_items")
        #expect(items.json["data"]?[0]?["content"]?[0]?["text"]?.string == Self.masked)
        let next = try server.respond("dump", "And mail eve@example.org.", after: first.id, streamed: setup.streamed)
        #expect(next.text.contains(Self.masked) && next.text.contains("And mail [EMAIL]."), "\(next.text)")
        #expect(!next.text.contains("@example"))
    }

    @Test("instructions, arguments and a tool's output are masked, and numbers of patterns of one's own")
    func places() throws {
        let server = try HookSetup(
            hooks: [(.redact, #"{patterns: [{name: order, regex: '\bORD-\d{6}\b'}]}"#)], tools: ["{plugin: kit}"]
        ).start()
        let dump = try server.respond("dump", "x", ["instructions": "The order is ORD-123456 of bob@example.com."])
        #expect(dump.text.contains("The order is [ORDER] of [EMAIL]."), "\(dump.text)")
        let answer = try server.respond("tool", #"{"text": "bob@example.com"}"#)
        #expect(answer.text == #"{"text": "[EMAIL]"}"#)
        #expect(!answer.json.text.contains("bob@"))
    }

    /// An upstream that says of what it is given the last thing in brackets, a character an event, and that keeps what it
    /// was asked.
    private static func upstream() throws -> ScriptedUpstream {
        let upstream = try ScriptedUpstream()
        upstream.reply { connection, request in
            let token = request.split(separator: "[EMAIL_").last.map { "[EMAIL_" + $0.prefix { $0 != "]" } + "]" } ?? ""
            let text = "It is \(token)!"
            let usage = #""usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}"#
            guard request.contains("\"stream\":true") else {
                let whole =
                    #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)"},"finish_reason":"stop"}],\#(usage)}"#
                return try connection.send(ScriptedUpstream.reply("200 OK", body: whole))
            }
            try connection.send(ScriptedUpstream.streamHead)
            for character in text {
                try connection.send(ScriptedUpstream.events([UpstreamTests.chunk(#"{"content":"\#(character)"}"#)]))
            }
            let end =
                #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],\#(usage)}"#
            try connection.send(
                ScriptedUpstream.events([UpstreamTests.chunk("{}", finish: #""stop""#), end, "[DONE]"]))
        }
        return upstream
    }

    @Test(
        "with unmask the upstream sees tokens, and client and store the values, however the answer is cut",
        arguments: Setup.all)
    func unmasks(setup: Setup) throws {
        let upstream = try Self.upstream()
        let server = try ServerProcess(
            """
            plugins:
              - name: upstream
                library: libpatchbay_openai.so
                config: {base_url: "http://127.0.0.1:\(upstream.port)/v1", api: chat_completions, api_key: k}
            \(setup.store?.plugin ?? "")
              - {name: redact, library: libpatchbay_redact.so, config: {unmask: true}}
            models: [{name: "*", provider: upstream}]
            storage: {plugin: history}
            hooks: [{plugin: redact}]
            """)
        let first = try server.respond("m", "Who is bob@example.com?", streamed: setup.streamed)
        #expect(first.text == "It is bob@example.com!")
        #expect(try server.get("/v1/responses/\(first.id)").text == first.text)
        let next = try server.respond(
            "m", "And eve@example.org, or bob@example.com?", after: first.id, streamed: setup.streamed)
        #expect(next.text == "It is bob@example.com!")
        let items = try server.get("/v1/responses/\(next.id)/input_items")
        #expect(items.json.text.contains("Who is bob@example.com?"), "\(items.json.text)")
        let asked = upstream.requests
        #expect(asked.count == 2 && asked.allSatisfy { !$0.contains("@example") })
        for text in ["Who is [EMAIL_1]?", "It is [EMAIL_1]!", "And [EMAIL_2], or [EMAIL_1]?"] {
            #expect(asked.last?.contains(text) == true, "\(asked)")
        }
    }

    @Test(
        "with unmask a server's tool is called with the value, and its output is masked for the model",
        arguments: Setup.all)
    func tools(setup: Setup) throws {
        let server = try HookSetup(
            hooks: [(.redact, "{unmask: true}")], store: setup.store ?? .sqlite, tools: ["{plugin: kit}"]
        ).start()
        // The model cuts the arguments in the middle, which is inside of the token.
        let answer = try server.respond("tool", #"{"text": "bob@example.com"}"#, streamed: setup.streamed)
        let output = answer.json["output"]?.elements ?? []
        #expect(output.map { $0["type"] } == ["function_call", "function_call_output", "message"])
        #expect(output.first?["arguments"] == #"{"text": "bob@example.com"}"#)
        #expect(output.dropFirst().first?["output"] == #"{"text": "bob@example.com"}"#)
        #expect(answer.text == #"{"text": "bob@example.com"}"#)
        #expect(try server.get("/v1/responses/\(answer.id)").json == answer.json)
    }

    @Test("a count of tokens and a compaction are of what is masked")
    func counts() throws {
        let server = try HookSetup(hooks: [(.redact, "{}")]).start()
        let body: JSON = ["model": "echo", "input": .string(Self.said)]
        let count = try server.ask("POST", "/v1/responses/input_tokens", body: Array(body.text.utf8))
        #expect(count.json["input_tokens"]?.int == Self.masked.split(separator: " ").count)
    }

    @Test(
        "embeddings are of what is masked, whatever other fields the client sends",
        arguments: ["", ", on_error: fail_open"])
    func embeddings(options: String) throws {
        let server = try HookSetup(hooks: [(.redact, "{}")], options: options).start()
        func vectors(_ text: String, _ fields: [String: JSON] = [:]) throws -> JSON {
            let body = JSON.object(fields.merging(["model": "echo", "input": [.string(text)]]) { $1 })
            let answer = try server.ask("POST", "/v1/embeddings", body: Array(body.text.utf8))
            #expect(answer.status == 200, "\(answer.json.text)")
            return answer.json["data"] ?? .null
        }
        let masked = try vectors(Self.masked)
        #expect(try vectors("Write to nobody.") != masked)
        #expect(try vectors(Self.said) == masked)
        for fields: [String: JSON] in [
            ["store": true], ["background": false], ["truncation": true], ["tools": 5], ["user": "u", "new": [1]],
        ] { #expect(try vectors(Self.said, fields) == masked, "\(fields)") }
        #expect(try server.counts(of: .redact)["failures"] == 0)
    }
}
