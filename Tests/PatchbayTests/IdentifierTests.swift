import Testing

/// Ids that can't be continued, and what happens to responses that are deleted or whose time has passed (behaviour 5,
/// 6, 9, 11).
@Suite("Identifiers")
struct IdentifierTests {
    static func notFound(_ id: String) -> JSON {
        [
            "message": .string("Previous response with id '\(id)' not found."), "type": "invalid_request_error",
            "param": "previous_response_id", "code": "previous_response_not_found",
        ]
    }

    @Test("unknown, foreign, deleted and unstored ids answer the same 404", arguments: Setup.all)
    func sameAnswer(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Setup.keys))
        let foreign = try server.respond("echo", "secret", streamed: setup.streamed, key: "key-of-team-b")
        let deleted = try server.respond("echo", "gone", streamed: setup.streamed, key: "key-of-team-a")
        #expect(try server.delete("/v1/responses/\(deleted.id)", key: "key-of-team-a").status == 200)
        let unstored = try server.respond(
            "echo", "off", streamed: setup.streamed, key: "key-of-team-a", ["store": false])
        for id in [
            "resp_0000000000000000000000000000", foreign.id, deleted.id, unstored.id, "", "no id at all", "msg_1",
            String(repeating: "x", count: 200),
        ] {
            let answer = try server.respond("echo", "on", after: id, streamed: setup.streamed, key: "key-of-team-a")
            #expect(answer.status == 404, "\(id)")
            #expect(answer.error == Self.notFound(String(id.prefix(128))))
            #expect(answer.events.isEmpty)
        }
    }

    @Test(
        "a response is gone when its time has passed, and a chain lives as long as its newest response",
        arguments: Setup.all)
    func expiry(setup: Setup) throws {
        let server = try ServerProcess(setup.with(storage: "  retention: {ttl: 3s}"))
        let first = try server.respond("echo", "one", streamed: setup.streamed)
        // The fact waited for: the first response has expired.
        var last = try server.respond("echo", "two", after: first.id, streamed: setup.streamed)
        var turns = 2
        var asked = 0
        while try server.get("/v1/responses/\(first.id)").status == 200 {
            asked += 1
            guard asked % 20 == 0 else { continue }
            last = try server.respond("echo", "again", after: last.id, streamed: setup.streamed)
            try #require(last.status == 200)
            turns += 1
        }
        let answer = try server.respond("echo", "on", after: first.id, streamed: setup.streamed)
        #expect(answer.status == 404)
        #expect(answer.error == Self.notFound(first.id))
        let seen = try server.respond("count", "end", after: last.id, streamed: setup.streamed)
        #expect(seen.text.hasPrefix("\(turns * 2 + 1) items: user assistant"))
    }

    @Test("what can't be an id of ours is a 404 on every verb", arguments: Setup.stores)
    func impossible(setup: Setup) throws {
        let server = try ServerProcess(setup)
        for id in [String(repeating: "x", count: 200), "%20", "%C3%BC"] {
            #expect(try server.get("/v1/responses/\(id)").status == 404, "\(id)")
            #expect(try server.get("/v1/responses/\(id)/input_items").status == 404, "\(id)")
            #expect(try server.delete("/v1/responses/\(id)").status == 404, "\(id)")
        }
    }

    @Test("a deleted response answers 404 at once, and its descendants keep replaying", arguments: Setup.all)
    func deletion(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.respond("echo", "one", streamed: setup.streamed)
        let second = try server.respond("echo", "two", after: first.id, streamed: setup.streamed)
        let deletion = try server.delete("/v1/responses/\(first.id)")
        #expect(deletion.json == ["id": .string(first.id), "object": "response", "deleted": true])
        for path in ["/v1/responses/\(first.id)", "/v1/responses/\(first.id)/input_items"] {
            #expect(try server.get(path).status == 404)
        }
        #expect(try server.delete("/v1/responses/\(first.id)").status == 404)
        let third = try server.respond("count", "three", after: second.id, streamed: setup.streamed)
        #expect(third.text == "5 items: user assistant user assistant user")
    }

    @Test("store: false keeps nothing", arguments: Setup.all)
    func unstored(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let answer = try server.respond("echo", "off", streamed: setup.streamed, ["store": false])
        #expect(answer.status == 200)
        #expect(answer.json["store"] == false)
        let asked = try server.get("/v1/responses/\(answer.id)")
        #expect(asked.status == 404)
        #expect(asked.error["message"]?.string == "Response with id '\(answer.id)' not found.")
    }

    @Test("a response that still runs can't be continued, and says so", arguments: Setup.stores)
    func running(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let stream = try server.open("hang", "wait")
        let id = try #require(try stream.next()?.json["response"]?["id"]?.string)
        let answer = try server.respond("echo", "on", after: id)
        #expect(answer.status == 400)
        #expect(answer.error["code"] == "previous_response_running")
        #expect(try server.get("/v1/responses/\(id)").json["status"] == "in_progress")
        #expect(try server.delete("/v1/responses/\(id)").status == 409)
    }

    @Test("without a store, chaining is a 400 that says so", arguments: [false, true])
    func noStore(streamed: Bool) throws {
        let server = try ServerProcess(Setup(store: nil))
        let first = try server.respond("echo", "one", streamed: streamed)
        #expect(first.status == 200)
        let next = try server.respond("echo", "two", after: first.id, streamed: streamed)
        #expect(next.status == 400)
        #expect(next.error["code"] == "storage_not_configured")
        #expect(try server.get("/v1/responses/\(first.id)").status == 404)
    }

    @Test("a chain past its depth is a 400", arguments: Setup.all)
    func depth(setup: Setup) throws {
        let server = try ServerProcess(setup.with(storage: "  limits: {chain_depth: 3}"))
        var previous: String?
        for _ in 0..<3 { previous = try server.respond("echo", "x", after: previous, streamed: setup.streamed).id }
        let fourth = try server.respond("echo", "x", after: previous, streamed: setup.streamed)
        #expect(fourth.status == 200)
        let tooLong = try server.respond("echo", "x", after: fourth.id, streamed: setup.streamed)
        #expect(tooLong.status == 400)
        #expect(tooLong.error["code"] == "conversation_too_long")
        #expect(tooLong.error["param"] == "previous_response_id")
    }

    @Test("ids are minted once, the same in every event and in GET, and can't be guessed", arguments: Setup.all)
    func identity(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let answer = try server.respond("reason", "x", streamed: setup.streamed)
        #expect(try server.get("/v1/responses/\(answer.id)").json == answer.json)
        let ids = [answer.id] + (answer.json["output"]?.elements ?? []).compactMap { $0["id"]?.string }
        #expect(ids.map { String($0.prefix { $0 != "_" }) } == ["resp", "rs", "msg"])
        // 128 bits take 22 characters of 64 or 32 of 16.
        for id in ids { #expect(id.drop { $0 != "_" }.dropFirst().count >= 22) }
        #expect(try server.respond("reason", "x", streamed: setup.streamed).id != answer.id)
    }
}
