import Testing

/// Create in full (behaviour 12 to 18), over sockets, with the real stores and the Scripted provider.
@Suite("Create")
struct CreateTests {
    private static let weather: JSON = [
        "type": "function", "name": "weather",
        "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
    ]
    private static let time: JSON = ["type": "function", "name": "time", "parameters": ["type": "object"]]
    private static let allowed: JSON = [
        "type": "allowed_tools", "mode": "auto", "tools": [["type": "function", "name": "time"]],
    ]

    @Test("allowed_tools: the provider gets these alone, the response says what the client said", arguments: Setup.all)
    func allowedTools(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let fields: JSON = ["tools": [Self.weather, Self.time], "tool_choice": Self.allowed]
        let dump = try server.respond("dump", "x", streamed: setup.streamed, fields)
        #expect(dump.json["tool_choice"] == Self.allowed)
        #expect(dump.json["tools"]?.elements.count == 2)
        let seen = try JSON(dump.text)
        #expect(seen["tools"]?.elements.compactMap { $0["name"]?.string } == ["time"])
        #expect(seen["tool_choice"] == "auto")
        let call = try server.respond("tool", "x", streamed: setup.streamed, fields)
        #expect(call.json["output"]?[0]?["name"] == "time")
    }

    @Test("a model that calls a tool although tool_choice is none fails with a code")
    func noTools() throws {
        let server = try ServerProcess(Setup(store: .memory))
        let fields: JSON = ["tools": [Self.weather], "tool_choice": "none"]
        let whole = try server.respond("tool", "x", fields)
        // Scripted may obey: then it says something else, and calls nothing.
        if whole.status == 200 {
            #expect(whole.json["output"]?.elements.contains { $0["type"] == "function_call" } == false)
        } else {
            #expect(whole.status == 502 && whole.error["code"] == "tool_not_allowed")
        }
    }

    @Test("parallel_tool_calls: false is one call at most, and the log says what was ignored")
    func oneCall() throws {
        let server = try ServerProcess(Setup(store: .memory))
        let fields: JSON = ["tools": [Self.weather, Self.time], "parallel_tool_calls": false]
        let answer = try server.respond("tools", "x", streamed: true, fields)
        #expect(answer.json["status"] == "completed")
        #expect(answer.json["output"]?.elements.filter { $0["type"] == "function_call" }.count == 1)
    }

    @Test("text.format is held on the way out", arguments: Setup.all)
    func format(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let schema: JSON = [
            "type": "object", "properties": ["a": ["type": "integer"]], "required": ["a"],
            "additionalProperties": false,
        ]
        let fields: JSON = [
            "text": ["format": ["type": "json_schema", "name": "n", "schema": schema, "strict": true]]
        ]
        let good = try server.respond("echo", #"{"a": 1}"#, streamed: setup.streamed, fields)
        #expect(good.json["status"] == "completed" && good.text == #"{"a": 1}"#)
        for (text, code) in [(#"{"a": "1"}"#, "output_schema_mismatch"), ("hello", "output_not_json")] {
            let bad = try server.respond("echo", .string(text), streamed: setup.streamed, fields)
            #expect(bad.status == (setup.streamed ? 200 : 502))
            #expect(bad.error["code"] == .string(code))
            if setup.streamed {
                #expect(bad.json["status"] == "failed")
                // What was stored says the same.
                #expect(try server.get("/v1/responses/\(bad.id)").json["error"]?["code"] == .string(code))
            }
        }
        let refused = try server.respond("refuse", "x", streamed: setup.streamed, fields)
        #expect(refused.json["status"] == "completed")
        let cut = try server.respond("length", "one two three four", streamed: setup.streamed, fields)
        #expect(cut.json["status"] == "incomplete")
    }

    @Test("a schema that isn't strict is refused by its place", arguments: Setup.stores)
    func strict(setup: Setup) throws {
        let server = try ServerProcess(setup)
        var tool = Self.weather
        tool["strict"] = true
        let answer = try server.respond("echo", "x", ["tools": [tool]])
        #expect(answer.status == 400 && answer.error["code"] == "invalid_function_parameters")
        #expect(answer.error["param"] == "tools[0].parameters.additionalProperties")
        #expect(try server.get("/health").status == 200)
    }

    @Test("item_reference stands for an item of the conversation, by any of its ids", arguments: Setup.all)
    func reference(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("echo", "remember", streamed: setup.streamed)
        let id = try #require(first.json["output"]?[0]?["id"])
        let dump = try server.respond(
            "dump", [["type": "item_reference", "id": id], ["role": "user", "content": "x"]], after: first.id,
            streamed: setup.streamed)
        let input = try #require(try JSON(dump.text)["input"])
        #expect(input.elements.count == 4)
        #expect(input[2]?["role"] == "assistant" && input[2]?["content"]?[0]?["text"] == "remember")
        let unknown = try server.respond("echo", [["type": "item_reference", "id": "msg_none"]], after: first.id)
        #expect(unknown.status == 404 && unknown.error["code"] == "item_not_found")
        #expect(unknown.error["param"] == "input[0].id")
    }

    @Test("images and files are kept in messages and in function outputs, and sent on", arguments: Setup.all)
    func media(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let data = "data:image/png;base64," + String(repeating: "iVBORw0K", count: 50_000)
        let image: JSON = ["type": "input_image", "image_url": .string(data), "detail": "high"]
        let file: JSON = [
            "type": "input_file", "filename": "a.pdf", "file_data": .string("data:application/pdf;base64,JVBERi0="),
        ]
        let byID: JSON = ["type": "input_image", "file_id": "file_unknown"]
        let call: JSON = ["type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"]
        let output: JSON = [
            "type": "function_call_output", "call_id": "c",
            "output": [image, file, ["type": "input_text", "text": "seen"]],
        ]
        let message: JSON = ["role": "user", "content": [["type": "input_text", "text": "look"], image, file, byID]]
        let first = try server.respond("silent", [message, call, output], streamed: setup.streamed)
        try #require(first.status == 200)
        let dump = try server.respond("dump", "next", after: first.id, streamed: setup.streamed, ["store": false])
        let seen = try #require(try JSON(dump.text)["input"])
        #expect(seen[0]?["content"] == message["content"])
        #expect(seen[2]?["output"] == output["output"])
        let items = try server.get("/v1/responses/\(first.id)/input_items?order=asc").json
        #expect(items["data"]?[2]?["output"]?[0]?["image_url"] == .string(data))
        // The picture is there twice and kept once: 400 kB, not 800.
        if setup.store == .sqlite {
            server.terminate()
            #expect(try server.folder.bytes(of: "history.db") < 700_000)
        }
    }

    @Test("phase is kept, sent on and given back", arguments: Setup.all)
    func phase(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let message: JSON = [
            "type": "message", "role": "assistant", "phase": "commentary",
            "content": [["type": "output_text", "text": "I look.", "annotations": []]],
        ]
        let first = try server.respond(
            "silent", [message, ["role": "user", "content": "x"]], streamed: setup.streamed)
        #expect(try server.dump("next", after: first.id)["input"]?[0]?["phase"] == "commentary")
        let items = try server.get("/v1/responses/\(first.id)/input_items?order=asc").json
        #expect(items["data"]?[0]?["phase"] == "commentary")
    }

    @Test("settings are sent on and repeated", arguments: Setup.all)
    func settings(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let fields: JSON = [
            "metadata": ["a": "1"], "prompt_cache_key": "k", "safety_identifier": "s", "service_tier": "flex",
            "top_logprobs": 2, "text": ["verbosity": "low", "format": ["type": "text"]], "max_tool_calls": 3,
            "reasoning": ["effort": "low", "summary": "auto"], "truncation": "auto", "temperature": 0.5,
        ]
        let sent: JSON = [
            "stream_options": ["include_obfuscation": false], "include": ["message.output_text.logprobs"],
        ]
        var body = fields
        for (name, value) in sent.members { body[name] = value }
        let answer = try server.respond("dump", "x", streamed: setup.streamed, body)
        let seen = try JSON(answer.text)
        let stored = try server.get("/v1/responses/\(answer.id)").json
        for (name, value) in fields.members {
            #expect(answer.json[name] == value, "\(name)")
            #expect(stored[name] == value, "\(name)")
            #expect(seen[name] == value, "\(name)")
        }
        for (name, value) in sent.members { #expect(seen[name] == value, "\(name)") }
    }

    @Test("truncation: disabled fails with a 400, auto as well where nothing can be dropped", arguments: [false, true])
    func context(streamed: Bool) throws {
        let server = try ServerProcess(Setup(store: .memory))
        for fields in [[:], ["truncation": "disabled"], ["truncation": "auto"]] as [JSON] {
            let answer = try server.respond("fail", "context", streamed: streamed, fields)
            #expect(answer.status == 400 && answer.error["code"] == "context_length_exceeded")
        }
    }

    @Test("a provider that fails before its first word gives way to the model's fallbacks", arguments: [false, true])
    func fallback(streamed: Bool) throws {
        let server = try ServerProcess(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: main, provider: scripted, upstream_model: fail, fallbacks: [worse, spare]}
              - {name: worse, provider: scripted, upstream_model: fail}
              - {name: spare, provider: scripted, upstream_model: echo}
            """)
        let answer = try server.respond("main", "overloaded", streamed: streamed)
        #expect(answer.status == 200 && answer.text == "overloaded" && answer.json["model"] == "main")
        let refused = try server.respond("main", "invalid", streamed: streamed)
        #expect(refused.status == 400)
    }

    @Test("usage is there in the answer and in the store", arguments: Setup.all)
    func usage(setup: Setup) throws {
        let server = try ServerProcess(setup)
        for model in ["echo", "length", "silent", "tool"] {
            let answer = try server.respond(model, "some words", streamed: setup.streamed, ["tools": [Self.weather]])
            let usage = try #require(answer.json["usage"])
            #expect((usage["input_tokens"]?.int ?? 0) > 0, "\(model)")
            #expect(
                usage["total_tokens"]?.int == (usage["input_tokens"]?.int ?? 0) + (usage["output_tokens"]?.int ?? 0))
            #expect(usage["input_tokens_details"]?["cached_tokens"]?.int != nil)
            #expect(usage["output_tokens_details"]?["reasoning_tokens"]?.int != nil)
            #expect(try server.get("/v1/responses/\(answer.id)").json["usage"] == usage)
        }
    }
}
