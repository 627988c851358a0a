import Foundation
import Testing

/// Audit in the server: the lines of its file.
@Suite("Bundled hooks: Audit")
struct BundledAuditTests {
    private static let path = "path: $FOLDER/audit.jsonl"

    @Test("a line for each request of each kind, with nothing in it that anybody said")
    func lines() throws {
        let server = try HookSetup(hooks: [(.audit, "{\(Self.path)}")], tools: ["{plugin: kit}"]).start()
        let whole = try server.respond("echo", "Zanzibar")
        let streamed = try server.respond("echo", "Zanzibar", after: whole.id, streamed: true, ["store": false])
        let failed = try server.respond("fail", "ratelimit Zanzibar")
        #expect(failed.status == 429)
        let broken = try server.respond("fail_after", "overloaded Zanzibar", streamed: true)
        let length = try server.respond("length", "Zanzibar and more")
        let tool = try server.respond("tool", #"{"text": "Zanzibar"}"#, streamed: true)
        let background = try server.begin("echo", "Zanzibar")
        _ = try server.ended(background.id)
        // The line of a request of the background may come after its end is seen, so the next one waits for it.
        _ = try server.audit(7)
        let socket = try WebSocketConnection(server)
        let events = try socket.turn(["type": "response.create", "model": "echo", "input": "Zanzibar", "store": false])
        #expect(try server.respond("echo", "x", after: "resp_none").status == 404)
        let lines = try server.audit(9)
        let ids = [whole, streamed, nil, broken, length, tool, background].map { $0?.id }
        for (line, id) in zip(lines, ids) where id != nil { #expect(line["response_id"]?.string == id, "\(line.text)") }
        #expect(lines[7]["response_id"] == events.last?["response"]?["id"])
        let statuses =
            ["completed", "completed", "failed", "failed", "incomplete"] + Array(repeating: "completed", count: 3) + [
                "failed"
            ]
        #expect(lines.map { $0["status"]?.string } == statuses, "\(lines.map(\.text))")
        #expect(lines.map { $0["stream"] } == [false, true, false, true, false, true, false, true, false])
        #expect(lines.map { $0["background"] == true }.filter { $0 }.count == 1 && lines[6]["background"] == true)
        #expect(lines.map { $0["store"] } == [true, false, true, true, true, true, true, false, true])
        #expect(
            lines[0]["provider"] == "scripted" && lines[0]["upstream_model"] == "echo" && lines[0]["model"] == "echo")
        #expect(lines[0]["usage"] == whole.json["usage"] && lines[0]["items"] == 1)
        #expect(lines[2]["error"]?["kind"] == "rateLimited" && lines[3]["error"]?["kind"] == "overloaded")
        #expect(lines[5]["tool_calls"] == ["say"] && lines[5]["items"] == 3, "\(lines[5].text)")
        #expect(lines[8]["error"]?["code"] == "previous_response_not_found", "\(lines[8].text)")
        #expect(Set(lines.map { $0["request_id"] }).count == 9)
        #expect(!lines.contains { $0.text.contains("Zanzibar") }, "\(lines.map(\.text))")
    }

    @Test("of a rejection by Guard, the rule")
    func rejection() throws {
        let hooks: [(BundledHook, String)] = [
            (.audit, "{\(Self.path)}"), (.guarding, "{texts: {deny: [bad]}, answers: {deny: [worse]}}"),
        ]
        let server = try HookSetup(hooks: hooks).start()
        #expect(try server.respond("echo", "a bad word").status == 400)
        #expect(try server.respond("slow", "a worse word", streamed: true).json["status"] == "failed")
        #expect(try server.respond("echo", "a word").status == 200)
        let lines = try server.audit(3)
        #expect(lines[0]["rejected"] == ["by": "patchbay.guard", "rule": "texts.deny[0]"], "\(lines[0].text)")
        #expect(lines[1]["rejected"] == ["by": "patchbay.guard", "rule": "answers.deny[0]"], "\(lines[1].text)")
        #expect(lines[0]["status"] == "failed" && lines[1]["status"] == "failed" && lines[2]["rejected"] == nil)
    }

    @Test("what hooks after it spend on a request is in its time")
    func duration() throws {
        let rule = "{moderation: {model: hang, instructions: Decide., block_if: x}}"
        let server = try HookSetup(
            hooks: [(.audit, "{\(Self.path)}"), (.guarding, rule)], options: ", budget: 100ms"
        ).start()
        #expect(try server.respond("echo", "x").error["code"] == "hook_timeout")
        let line = try server.audit(1)[0]
        guard case .number(let milliseconds)? = line["duration_ms"] else { throw TestFailure(line.text) }
        #expect(milliseconds >= 100)
    }

    @Test("with contents the words are there, as Redact has left them", arguments: [false, true])
    func contents(streamed: Bool) throws {
        let server = try HookSetup(hooks: [(.redact, "{}"), (.audit, "{\(Self.path), contents: true}")]).start()
        _ = try server.respond(
            "echo", .string(BundledRedactTests.said), streamed: streamed, ["instructions": "Say it to eve@example.org."]
        )
        let line = try server.audit(1)[0]
        #expect(line["instructions"] == "Say it to [EMAIL].")
        #expect(line["input"]?.text.contains(BundledRedactTests.masked) == true, "\(line.text)")
        #expect(line["output"]?.text.contains(BundledRedactTests.masked) == true, "\(line.text)")
        #expect(!line.text.contains("@example") && !line.text.contains("4111"))
    }

    @Test("owners are told apart, and not by their names")
    func owners() throws {
        let server = try HookSetup(hooks: [(.audit, "{\(Self.path)}")], sections: Setup.keys).start()
        for key in ["key-of-team-a", "key-of-team-b", "key-of-team-a"] {
            #expect(try server.respond("echo", "x", key: key).status == 200)
        }
        let lines = try server.audit(3)
        #expect(lines[0]["owner"] == lines[2]["owner"] && lines[0]["owner"] != lines[1]["owner"])
        #expect(!lines[0].text.contains("team-a"))
    }

    @Test("required: where the file can't be written, no request goes on")
    func required() throws {
        let server = try HookSetup(hooks: [(.audit, "{\(Self.path), required: true}")]).start()
        #expect(try server.respond("echo", "x").status == 200)
        // A folder in the file's place: what is moved away is opened anew, and can't be.
        let file = server.folder.path + "/audit.jsonl"
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        #expect(try server.respond("echo", "x").error["code"] == "hook_failed")
        #expect(try server.counts(of: .audit)["health"]?.string?.hasPrefix("degraded") == true)
    }
}
