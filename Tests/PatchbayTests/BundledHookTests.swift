import Testing

/// The four hooks that come with the product, all in one configuration.
@Suite("Bundled hooks together")
struct BundledHookTests {
    private static func server(unmask: Bool = false, store: Store = .sqlite, tools: [String] = []) throws
        -> ServerProcess
    {
        try HookSetup(
            hooks: [
                (.redact, "{unmask: \(unmask)}"), (.audit, "{path: $FOLDER/audit.jsonl, contents: true}"),
                (.guarding, "{texts: {deny: [forbidden]}, answers: {deny: ['un\\w+able']}}"),
                (.cache, "{wait: 30s}"),
            ], store: store, tools: tools, options: ", budget: 60s"
        ).start()
    }

    @Test("a request passes all of them, and its repetition is the cache's", arguments: Setup.all)
    func all(setup: Setup) throws {
        let server = try Self.server(store: setup.store ?? .sqlite)
        let text = JSON.string(BundledRedactTests.said)
        let first = try server.respond("echo", text, streamed: setup.streamed)
        let again = try server.respond("echo", text, streamed: setup.streamed)
        #expect(first.text == BundledRedactTests.masked && again.text == first.text)
        #expect(Transcript.normalised(again.events) == Transcript.normalised(first.events))
        let refused = try server.respond("echo", "what is forbidden for bob@example.com", streamed: setup.streamed)
        #expect(refused.status == 400 && refused.error["message"] == "The request's text isn't allowed here.")
        let next = try server.respond("count", "on", after: again.id, streamed: setup.streamed)
        #expect(next.text == "3 items: user assistant user")
        let lines = try server.audit(4)
        #expect(lines.map { $0["status"] } == ["completed", "completed", "failed", "completed"])
        #expect(lines[2]["rejected"]?["rule"] == "texts.deny[0]")
        #expect(!lines.contains { $0.text.contains("@example") })
        let counts = try BundledHook.allCases.map { try server.counts(of: $0) }
        #expect(counts.map { $0["failures"] } == [0, 0, 0, 0] && counts.map { $0["timeouts"] } == [0, 0, 0, 0])
        #expect(counts.map { $0["rejections"] } == [0, 0, 1, 0])
    }

    @Test("with unmask, a repetition gives each its own values", arguments: [false, true])
    func unmasked(streamed: Bool) throws {
        let server = try Self.server(unmask: true)
        let one = try server.respond("echo", "I am bob@example.com", streamed: streamed)
        let other = try server.respond("echo", "I am eve@example.org", streamed: streamed)
        #expect(one.text == "I am bob@example.com" && other.text == "I am eve@example.org")
        #expect(try server.get("/v1/responses/\(other.id)").text == "I am eve@example.org")
    }

    @Test("a stream that Guard ends has been seen by all, and isn't kept")
    func ended() throws {
        let server = try Self.server()
        for _ in 0..<2 {
            let stream = try server.respond("slow", "this is unspeakable for bob@example.com", streamed: true)
            #expect(stream.events.suffix(2).map(\.name) == ["error", "response.failed"])
            #expect(stream.error["message"] == "The answer's text isn't allowed here.")
        }
        let lines = try server.audit(2)
        #expect(lines.allSatisfy { $0["status"] == "failed" && $0["rejected"]?["rule"] == "answers.deny[0]" })
        #expect(try server.counts(of: .guarding)["rejections"] == 2)
    }

    @Test("in the background, and what is resumed is what was streamed")
    func background() throws {
        let server = try Self.server()
        let id = try server.begin("echo", .string(BundledRedactTests.said)).id
        #expect(try server.ended(id).text == BundledRedactTests.masked)
        let stream = try server.open("echo", "to bob@example.com", ["background": true]).all()
        let final = try StreamRules.check(stream)
        let streamed = try #require(final["id"]?.string)
        #expect(final.text.contains("to [EMAIL]"))
        #expect(try server.resume(streamed, after: 1).all().frames == stream[2...].map(\.self).frames)
        let refused = try server.respond("echo", "forbidden", ["background": true])
        #expect(refused.status == 400)
        let lines = try server.audit(3)
        #expect(lines.map { $0["background"] } == [true, true, true])
        #expect(lines.map { $0["status"] } == ["completed", "completed", "failed"])
    }

    @Test("over a WebSocket")
    func socket() throws {
        let server = try Self.server()
        let socket = try WebSocketConnection(server)
        func turn(_ input: JSON, after id: JSON? = nil) throws -> [JSON] {
            var message: JSON = ["type": "response.create", "model": "echo", "input": input, "store": false]
            if let id { message["previous_response_id"] = id }
            return try socket.turn(message)
        }
        func said(_ events: [JSON]) -> String { events.compactMap { $0["delta"]?.string }.joined() }
        let text = JSON.string(BundledRedactTests.said)
        let first = try turn(text)
        let again = try turn(text)
        #expect(said(first) == BundledRedactTests.masked && said(again) == said(first))
        #expect(again.compactMap { $0["delta"] } == first.compactMap { $0["delta"] })
        let refused = try turn("forbidden")
        #expect(refused.count == 1 && refused[0]["status"] == 400, "\(refused.map(\.text))")
        let next = try turn("and eve@example.org", after: again.last?["response"]?["id"])
        #expect(said(next) == "and [EMAIL]")
        let lines = try server.audit(4)
        #expect(lines.map { $0["status"] } == ["completed", "completed", "failed", "completed"])
    }

    @Test("with the server's tools, whose calls and outputs are masked and counted")
    func tools() throws {
        let server = try Self.server(tools: ["{plugin: kit}"])
        for _ in 0..<2 {
            let answer = try server.respond("tool", #"{"text": "bob@example.com"}"#, streamed: true)
            #expect(answer.text == #"{"text": "[EMAIL]"}"#)
        }
        let lines = try server.audit(2)
        #expect(lines.allSatisfy { $0["tool_calls"] == ["say"] && !$0.text.contains("bob@") })
        // An answer with the server's tools acts, and isn't kept: both were made.
        #expect(try server.get("/plugins").json["tools"]?[0]?["calls"] == 2)
    }
}
