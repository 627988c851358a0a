import Testing

/// One stored form for streamed and non-streamed turns of all item types (behaviour 3), as GET and input_items show it.
@Suite("Stored form")
struct StoredFormTests {
    /// A generator whose numbers follow from its seed, so that a failure can be played again.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let texts = [
        "", "plain", "\"quoted\" \\ \n\t\u{0}", "Grüße, 世界 🌍👩‍🚀", "</script>\u{2028}",
        String(repeating: "long ", count: 500),
    ]
    static let carried = [
        "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "computer_call",
        "computer_call_output",
        "custom_tool_call", "custom_tool_call_output", "file_search_call", "image_generation_call", "local_shell_call",
        "local_shell_call_output", "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools",
        "shell_call",
        "shell_call_output", "web_search_call", "acme:thing",
    ]

    static func value(_ random: inout Seeded, depth: Int = 0) -> JSON {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &random) {
        case 0: nil
        case 1: .bool(Bool.random(using: &random))
        case 2: .int(Int.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random))
        case 3: .number(Double(Int.random(in: -1000...1000, using: &random)) + 0.5)
        case 4: .string(texts.randomElement(using: &random) ?? "")
        case 5: .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(
                Dictionary(
                    (0..<Int.random(in: 0...3, using: &random)).map { ("k\($0)", value(&random, depth: depth + 1)) },
                    uniquingKeysWith: { $1 }))
        }
    }

    static func item(_ random: inout Seeded, number: Int) -> [JSON] {
        let text = JSON.string(texts.randomElement(using: &random) ?? "")
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return [["role": "user", "content": text]]
        case 1:
            return [
                [
                    "type": "message", "role": "user",
                    "content": [
                        ["type": "input_text", "text": text],
                        ["type": "input_image", "image_url": "https://example.org/a.png"],
                        ["type": "input_file", "file_id": "file-1"], ["type": "acme:part", "x": value(&random)],
                    ],
                ]
            ]
        case 2:
            return [
                [
                    "role": ["developer", "system"].randomElement(using: &random) == "system" ? "system" : "developer",
                    "content": text,
                ]
            ]
        case 3:
            return [
                [
                    "type": "message", "role": "assistant", "id": .string("msg_given\(number)"), "status": "completed",
                    "content": [
                        ["type": "output_text", "text": text, "annotations": []], ["type": "refusal", "refusal": "no"],
                    ],
                ]
            ]
        case 4:
            let id = JSON.string("call_\(number)")
            return [
                ["type": "function_call", "call_id": id, "name": "f", "arguments": "{\"a\":1}"],
                [
                    "type": "function_call_output", "call_id": id,
                    "output": Bool.random(using: &random) ? text : [["type": "input_text", "text": text]],
                ],
            ]
        case 5:
            return [
                [
                    "type": "reasoning", "summary": [["type": "summary_text", "text": text]],
                    "content": [["type": "reasoning_text", "text": text]], "encrypted_content": "b3BhcXVl",
                ]
            ]
        default:
            return [
                [
                    "type": .string(carried.randomElement(using: &random) ?? ""), "payload": value(&random),
                    "status": "completed",
                ]
            ]
        }
    }

    @Test("streamed and non-streamed turns of random items are stored alike", arguments: Setup.stores)
    func alike(setup: Setup) throws {
        let server = try ServerProcess(setup)
        var random = Seeded(state: 20_261_121)
        let models = [
            "echo", "reason", "refuse", "item", "parts", "length", "filter", "unicode", "logprobs", "annotations",
            "silent", "tools",
        ]
        var previous: (whole: String, streamed: String)?
        for round in 0..<60 {
            let input = JSON.array(
                (0...Int.random(in: 0...4, using: &random)).flatMap { Self.item(&random, number: round * 10 + $0) })
            let model = models.randomElement(using: &random) ?? "echo"
            let fields: JSON = [
                "tools": [TranscriptTests.weather, TranscriptTests.time], "metadata": ["round": .string("\(round)")],
            ]
            let whole = try server.respond(model, input, after: previous?.whole, fields)
            let streamed = try server.respond(model, input, after: previous?.streamed, streamed: true, fields)
            try #require(
                whole.status == 200 && streamed.status == 200,
                "\(round) \(model) \(whole.json.text) \(streamed.json.text) \(input.text)")

            let (a, b) = (try server.get("/v1/responses/\(whole.id)"), try server.get("/v1/responses/\(streamed.id)"))
            #expect(a.json == whole.json, "round \(round)")
            #expect(b.json == streamed.json, "round \(round)")
            #expect(Self.comparable(a.json) == Self.comparable(b.json), "round \(round)")

            let page = "/input_items?limit=100&order=asc"
            let (c, d) = (
                try server.get("/v1/responses/\(whole.id)\(page)"),
                try server.get("/v1/responses/\(streamed.id)\(page)")
            )
            #expect(Self.comparable(c.json) == Self.comparable(d.json), "round \(round)")
            try expectKept(input, in: c.json, isFirst: previous == nil)
            previous = round % 4 == 3 ? nil : (whole.id, streamed.id)
        }
    }

    /// What was given is what is stored, but for a message's content, which is a list of parts from the beginning.
    private func expectKept(_ input: JSON, in page: JSON, isFirst: Bool) throws {
        guard isFirst else { return }
        let stored = page["data"]?.elements ?? []
        try #require(stored.count == input.elements.count)
        for (given, kept) in zip(input.elements, stored) {
            for (name, value) in given.members where name != "content" || value.string == nil {
                #expect(kept[name] == value)
            }
            if let text = given["content"]?.string { #expect(kept["content"]?[0]?["text"]?.string == text) }
            #expect(kept["id"]?.string?.isEmpty == false)
        }
    }

    /// Without ids, times and what names another response.
    static func comparable(_ json: JSON) -> String {
        var json = json
        json["previous_response_id"] = nil
        return TranscriptTests.comparable(json)
    }

    @Test("input_items pages forwards and backwards without a gap", arguments: Setup.stores)
    func paging(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("echo", .array((0..<7).map { ["role": "user", "content": .string("\($0)")] }))
        let second = try server.respond(
            "echo", .array((8..<11).map { ["role": "user", "content": .string("\($0)")] }), after: first.id)
        let path = "/v1/responses/\(second.id)/input_items"
        let whole = try server.get(path + "?limit=100&order=asc").json["data"]?.elements ?? []
        #expect(whole.count == 11)
        #expect(try server.get(path).json["data"]?.elements == whole.reversed())
        for order in ["asc", "desc"] {
            var found: [JSON] = []
            var after = ""
            while true {
                let page = try server.get("\(path)?limit=3&order=\(order)\(after)").json
                found += page["data"]?.elements ?? []
                #expect(page["first_id"] == page["data"]?[0]?["id"])
                guard page["has_more"] == true, let last = page["last_id"]?.string else { break }
                after = "&after=\(last)"
            }
            #expect(found == (order == "asc" ? whole : whole.reversed()))
        }
        let wrong = try server.get(path + "?limit=0")
        #expect(wrong.status == 400)
        #expect(wrong.error["param"] == "limit")
        #expect(try server.get(path + "?after=msg_unknown").status == 400)
    }
}
