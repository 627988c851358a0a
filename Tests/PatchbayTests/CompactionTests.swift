import Foundation
import Testing

/// Compaction over real sockets, stores and plugins: who may use an item, and for how long it holds.
@Suite("Compaction")
struct CompactionTests {
    private func compact(_ server: ServerProcess, _ body: JSON, key: String? = nil) throws -> Answer {
        try server.ask("POST", "/v1/responses/compact", body: Array(body.text.utf8), key: key)
    }

    private func user(_ text: String) -> JSON { ["role": "user", "content": .string(text)] }

    @Test("an item holds across a restart, for its owner alone, and not once it was changed", arguments: Setup.stores)
    func owner(setup: Setup) throws {
        // The memory's key ends with its process, so that setup has one of its own.
        let sections =
            Setup.keys + "\ncompaction: {model: echo\(setup.store == .memory ? ", key: sixteen-or-more-of-it" : "")}"
        let server = try ServerProcess(setup.with(sections: sections))
        let first = try server.respond("echo", "remember the word lapis", key: "key-of-team-a")
        let compacted = try compact(
            server, ["previous_response_id": .string(first.id), "input": [user("and granite")]], key: "key-of-team-a")
        let output = compacted.json["output"]?.elements ?? []
        #expect(output.map { $0["type"]?.string } == ["message", "message", "compaction"])
        #expect(compacted.json["object"] == "response.compaction")
        let item = try #require(output.last)
        #expect(item["encrypted_content"]?.string?.hasPrefix("pbc1.") == true && !item.text.contains("lapis"))

        server.kill()
        try server.startAgain()
        let seen = try server.respond("dump", .array(output + [user("go on")]), key: "key-of-team-a").text
        #expect(seen.contains("lapis") && seen.contains("granite") && seen.contains("\"role\":\"developer\""))
        #expect(!seen.contains("pbc1.") && !seen.contains("cmp_"))

        let foreign = try server.respond("echo", [item], key: "key-of-team-b")
        #expect(foreign.status == 400 && foreign.error["code"] == "invalid_compaction_item")
        #expect(foreign.error["param"] == "input[0].encrypted_content")
        var changed = item
        changed["encrypted_content"] = .string(String((item["encrypted_content"]?.string ?? "").dropLast(2)) + "zz")
        #expect(try server.respond("echo", [changed], key: "key-of-team-a").status == 400)
    }

    @Test("a key that was changed is the reason that is given")
    func rotation() throws {
        let setup = Setup().with(sections: "compaction: {key: the-key-of-yesterday}")
        let folder = try Folder()
        let old = try ServerProcess(setup.yaml, in: folder)
        let item = try #require(try compact(old, ["model": "echo", "input": "one"]).json["output"]?[1])
        old.terminate()
        let new = try ServerProcess(
            setup.with(sections: "compaction: {key: the-key-of-today}").yaml, in: folder)
        let refused = try new.respond("echo", [item])
        #expect(refused.status == 400 && refused.error["code"] == "compaction_key_mismatch")
        #expect(!refused.json.text.contains("the-key") && !new.log.text.contains("the-key"))
    }

    @Test("over the threshold a turn is compacted, stored so, and continued from there", arguments: Setup.all)
    func threshold(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: "compaction: {model: echo}"))
        let long = (0..<400).map { "word\($0)" }.joined(separator: " ")
        let first = try server.respond("count", .string(long))
        let rule: JSON = ["context_management": [["type": "compaction", "compact_threshold": 300]]]
        let second = try server.respond("dump", "and now?", after: first.id, streamed: setup.streamed, rule)
        #expect(second.json["output"]?.elements.map { $0["type"]?.string } == ["compaction", "message"])
        #expect(second.text.contains("word399") && second.text.contains("and now?"))
        #expect(!second.text.contains("context_management"))
        #expect(try server.get("/v1/responses/\(second.id)").json == second.json)
        if setup.streamed {
            #expect(second.events.contains { $0.name == "response.compaction.compacting" })
            let again = try server.get("/v1/responses/\(second.id)?stream=true")
            #expect(again.events.map(\.data) == second.events.map(\.data))
        }
        let third = try server.respond("count", "three", after: second.id, streamed: setup.streamed)
        #expect(third.text == "3 items: developer assistant user")
        let under = try server.respond("echo", "x", streamed: setup.streamed, rule)
        #expect(under.json["output"]?.elements.count == 1)
    }

    @Test("a response of the background is compacted like any other", arguments: Setup.stores)
    func background(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: "compaction: {model: echo}"))
        let first = try server.respond("echo", .string((0..<400).map { "word\($0)" }.joined(separator: " ")))
        let second = try server.respond(
            "dump", "and now?", after: first.id,
            ["background": true, "context_management": [["type": "compaction", "compact_threshold": 300]]])
        var done = second
        while done.json["status"] == "queued" || done.json["status"] == "in_progress" {
            done = try server.get("/v1/responses/\(second.id)")
        }
        #expect(done.json["status"] == "completed")
        #expect(done.json["output"]?.elements.map { $0["type"]?.string } == ["compaction", "message"])
        #expect(try server.respond("count", "three", after: second.id).text == "3 items: developer assistant user")
    }

    @Test("a count is the provider's, with the history, and an estimate where it has none")
    func counts() throws {
        let server = try ServerProcess(Setup())
        func count(_ body: JSON) throws -> JSON {
            try server.ask("POST", "/v1/responses/input_tokens", body: Array(body.text.utf8)).json
        }
        let first = try server.respond("echo", "one two three")
        #expect(
            try count(["model": "echo", "input": "one two three"]).text
                == #"{"input_tokens":3,"object":"response.input_tokens"}"#)
        #expect(
            try count(["model": "echo", "input": "four", "previous_response_id": .string(first.id)])["input_tokens"]
                == 7)
        #expect(try count(["input": "four", "previous_response_id": .string(first.id)])["input_tokens"] == 7)
        let guess = try count(["model": "uncounted", "input": "one two three"])
        #expect(guess["estimated"] == true && (guess["input_tokens"]?.int ?? 0) > 2)
        #expect(
            try count(["model": "echo", "input": "x", "previous_response_id": "resp_none"])["error"]?["code"]
                == "previous_response_not_found")
    }
}
