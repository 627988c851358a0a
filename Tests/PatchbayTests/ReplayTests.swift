import Testing

/// What the model sees of the turns before (behaviour 4, 7 and 8), over sockets and with the real stores.
@Suite("Replay")
struct ReplayTests {
    @Test("the model sees previous input, previous output and the new input, in that order", arguments: Setup.all)
    func order(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("echo", "one", streamed: setup.streamed)
        #expect(first.text == "one")
        let second = try server.respond("echo", "two", after: first.id, streamed: setup.streamed)
        let third = try server.respond("count", "three", after: second.id, streamed: setup.streamed)
        #expect(third.text == "5 items: user assistant user assistant user")
        let dump = try server.dump("four", after: second.id, streamed: setup.streamed)
        #expect(dump.texts == ["one", "one", "two", "two", "four"])
    }

    @Test("instructions and tools are not carried to the next turn", arguments: Setup.all)
    func instructions(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let tool: JSON = ["type": "function", "name": "weather", "parameters": ["type": "object"]]
        let first = try server.respond(
            "echo", "hello", streamed: setup.streamed,
            ["instructions": "Speak like a pirate.", "tools": [tool], "temperature": 0.5])
        #expect(first.json["instructions"] == "Speak like a pirate.")
        let dump = try server.dump("next", after: first.id, streamed: setup.streamed)
        #expect(!dump.text.contains("pirate"))
        #expect(!dump.text.contains("weather"))
        #expect(dump["temperature"] == nil)
    }

    @Test("developer and system messages of the input are carried", arguments: Setup.all)
    func developer(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let input: JSON = [
            ["role": "developer", "content": "Be brief."], ["role": "system", "content": "Be kind."],
            ["role": "user", "content": "hi"],
        ]
        let first = try server.respond("echo", input, streamed: setup.streamed)
        let next = try server.respond("count", "again", after: first.id, streamed: setup.streamed)
        #expect(next.text == "5 items: developer system user assistant user")
    }

    @Test("a message's parts stay in one message", arguments: Setup.all)
    func parts(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let image: JSON = ["type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"]
        let message: JSON = [
            "role": "user",
            "content": [["type": "input_text", "text": "look"], image, ["type": "text", "text": "closely"]],
        ]
        let first = try server.respond("echo", [message], streamed: setup.streamed)
        let dump = try server.dump("next", after: first.id, streamed: setup.streamed)
        let content = dump["input"]?[0]?["content"]
        #expect(
            content == [["type": "input_text", "text": "look"], image, ["type": "input_text", "text": "closely"]])
    }

    @Test("function calls and their outputs are carried, over three turns", arguments: Setup.all)
    func tools(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let tools: JSON = [
            "tools": [
                [
                    "type": "function", "name": "weather",
                    "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
                ]
            ]
        ]
        let first = try server.respond("tool", "How is it?", streamed: setup.streamed, tools)
        let call = try #require(first.json["output"]?[0])
        #expect(call["type"] == "function_call")
        #expect(call["arguments"] == #"{"city":"Paris"}"#)
        let output: JSON = [
            "type": "function_call_output", "call_id": call["call_id"] ?? .null, "output": "17 degrees",
        ]
        let second = try server.respond("tool", [output], after: first.id, streamed: setup.streamed, tools)
        #expect(second.text == "17 degrees")
        let third = try server.respond("count", "thanks", after: second.id, streamed: setup.streamed)
        #expect(third.text == "5 items: user function_call function_call_output assistant user")
        let dump = try server.dump("more", after: second.id, streamed: setup.streamed)
        #expect(dump["input"]?[1]?["call_id"] == call["call_id"])
        #expect(dump["input"]?[2]?["call_id"] == call["call_id"])
    }

    @Test("a function_call_output whose call is nowhere in the context is a 400 with its place", arguments: Setup.all)
    func strayOutput(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("echo", "hello", streamed: setup.streamed)
        let input: JSON = [
            ["role": "user", "content": "x"],
            ["type": "function_call_output", "call_id": "call_unknown", "output": "y"],
        ]
        let answer = try server.respond("echo", input, after: first.id, streamed: setup.streamed)
        #expect(answer.status == 400)
        #expect(answer.error["param"] == "input[1].call_id")
        #expect(answer.error["message"] == "No tool call found for function call output with call_id 'call_unknown'.")
    }

    @Test("items that the server doesn't interpret are carried unchanged, both ways", arguments: Setup.all)
    func unknownItems(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let given: JSON = [
            "type": "acme:note", "id": "note_1", "deep": ["list": [1, 2.5, nil, true, "ü"]],
            "big": 9_007_199_254_740_993,
        ]
        let first = try server.respond("item", [given, ["role": "user", "content": "x"]], streamed: setup.streamed)
        #expect(first.json["output"]?[0]?["type"] == "vendor:thing")
        #expect(first.json["output"]?[0]?["nested"] == ["kept": [true, nil]])
        let dump = try server.dump("next", after: first.id, streamed: setup.streamed)
        var sent = given
        sent["id"] = nil
        var seen = dump["input"]?[0]
        seen?["id"] = nil
        #expect(seen == sent)
        #expect(dump["input"]?[2]?["nested"] == ["kept": [true, nil]])
    }

    @Test("reasoning items are carried with their encrypted content", arguments: Setup.all)
    func reasoning(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("reason", "why", streamed: setup.streamed)
        #expect(first.json["output"]?[0]?["type"] == "reasoning")
        let dump = try server.dump("next", after: first.id, streamed: setup.streamed)
        let item = dump["input"]?[1]
        #expect(item?["type"] == "reasoning")
        #expect(item?["encrypted_content"] == "c2NyaXB0ZWQ=")
        #expect(item?["summary"]?[0]?["text"] == "Thinking about an echo.")
        #expect(item?["content"]?[0]?["text"] == "The user said something. I shall say it again.")
    }

    @Test(
        "an incomplete and a refused turn can be continued", arguments: Setup.all,
        ["length", "filter", "refuse", "silent"])
    func incomplete(setup: Setup, model: String) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond(model, "half", streamed: setup.streamed)
        #expect(first.status == 200)
        let next = try server.respond("count", "on", after: first.id, streamed: setup.streamed)
        #expect(next.text == (model == "silent" ? "2 items: user user" : "3 items: user assistant user"))
    }

    @Test("a failed turn can't be continued", arguments: Setup.stores)
    func failed(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let failed = try server.respond("fail_after", "x", streamed: true)
        #expect(failed.json["status"] == "failed")
        for streamed in [false, true] {
            let next = try server.respond("echo", "on", after: failed.id, streamed: streamed)
            #expect(next.status == 400)
            #expect(next.error["code"] == "previous_response_failed")
            #expect(next.error["param"] == "previous_response_id")
        }
    }

    @Test("two turns may continue the same response", arguments: Setup.all)
    func branching(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let root = try server.respond("echo", "root", streamed: setup.streamed)
        let left = try server.respond("echo", "left", after: root.id, streamed: setup.streamed)
        let right = try server.respond("echo", "right", after: root.id, streamed: setup.streamed)
        let seenLeft = try server.dump("end", after: left.id, streamed: setup.streamed)
        let seenRight = try server.dump("end", after: right.id, streamed: setup.streamed)
        #expect(seenLeft.texts == ["root", "root", "left", "left", "end"])
        #expect(seenRight.texts == ["root", "root", "right", "right", "end"])
    }

    @Test("a chain of 200 turns is replayed whole, and its bytes on disk grow linearly", arguments: Setup.stores)
    func longChain(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let words = String(repeating: "word ", count: 400)
        var previous: String?
        var sizes: [Int] = []
        for turn in 1...200 {
            let answer = try server.respond(
                "echo", .string("\(turn) \(words)"), after: previous, streamed: turn % 2 == 0)
            try #require(answer.status == 200)
            previous = answer.id
            if turn % 100 == 0, setup.store == .sqlite { sizes.append(try server.folder.bytes(of: "history.db")) }
        }
        let answer = try server.respond("count", "end", after: previous)
        #expect(answer.text.hasPrefix("401 items: user assistant user"))
        // 200 turns of 2 * 2 kB are 0.8 MB; if each kept the turns before it they would be 80 MB. The write-ahead log
        // holds some pages twice.
        if setup.store == .sqlite { #expect(sizes[1] < 12 << 20) }
    }

    @Test("concurrent turns of many conversations keep apart", arguments: Setup.stores)
    func concurrent(setup: Setup) async throws {
        let server = try ServerProcess(setup)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<8 {
                group.addTask {
                    var previous: String?
                    for turn in 0..<10 {
                        let answer = try server.respond(
                            "echo", .string("client \(client) turn \(turn)"), after: previous, streamed: turn % 2 == 0)
                        previous = answer.id
                    }
                    let seen = try server.dump("end", after: previous)
                    let said = (0..<10).flatMap { ["client \(client) turn \($0)", "client \(client) turn \($0)"] }
                    #expect(seen.texts == said + ["end"])
                }
            }
            try await group.waitForAll()
        }
    }
}

extension ServerProcess {
    /// The request's body as it crossed the ABI, when this is said.
    func dump(_ text: String, after previous: String?, streamed: Bool = false) throws -> JSON {
        let answer = try respond("dump", .string(text), after: previous, streamed: streamed)
        guard answer.status == 200 else { throw TestFailure("status \(answer.status): \(answer.json.text)") }
        return try JSON(answer.text)
    }
}

extension JSON {
    /// The first text of each message in a request's input.
    var texts: [String] {
        (self["input"]?.elements ?? []).compactMap { $0["content"]?[0]?["text"]?.string }
    }
}
