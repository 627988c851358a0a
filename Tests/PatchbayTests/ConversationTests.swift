import Testing

/// `/v1/conversations` over sockets and with the real stores.
@Suite("Conversations")
struct ConversationTests {
    @Test("a conversation is begun, read, changed, and deleted", arguments: Setup.stores)
    func life(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let begun = try server.post(
            "/v1/conversations",
            ["items": [["role": "user", "content": "hello"]], "metadata": ["topic": "sea"]])
        #expect(begun.status == 200 && begun.id.hasPrefix("conv_"))
        #expect(begun.json["object"] == "conversation" && begun.json["metadata"] == ["topic": "sea"])
        let path = "/v1/conversations/\(begun.id)"
        #expect(try server.get(path).json == begun.json)
        let changed = try server.post(path, ["metadata": ["topic": "air"]])
        #expect(changed.json["metadata"] == ["topic": "air"] && changed.id == begun.id)
        let deleted = try server.delete(path)
        #expect(deleted.json == ["id": .string(begun.id), "object": "conversation.deleted", "deleted": true])
        #expect(try server.get(path).status == 404)
        #expect(try server.delete(path).status == 404)
        #expect(try server.ask("POST", "/v1/conversations").status == 200)
    }

    @Test("items are added, listed in pages, read, and deleted", arguments: Setup.stores)
    func items(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let path = "/v1/conversations/\(try server.post("/v1/conversations", [:]).id)/items"
        #expect(try server.get(path).json["data"] == [])
        for number in 0..<25 {
            let items: JSON = [["role": "user", "content": .string("\(number)a")], ["role": "user", "content": "b"]]
            let added = try server.post(path, ["items": items])
            #expect(added.status == 200 && added.json["data"]?.elements.count == 2)
        }
        let page = try server.get(path + "?limit=3").json
        #expect(page["data"]?[1]?["content"]?[0]?["text"] == "24a" && page["has_more"] == true)
        let last = try #require(page["last_id"]?.string)
        let next = try server.get(path + "?limit=100&after=\(last)").json
        #expect(next["data"]?.elements.count == 47 && next["has_more"] == false)
        let item = try server.get(path + "/\(last)")
        #expect(item.json == page["data"]?[2])
        #expect(try server.delete(path + "/\(last)").json["object"] == "conversation")
        #expect(try server.get(path + "/\(last)").status == 404)
        #expect(try server.delete(path + "/\(last)").error["code"] == "item_not_found")
        #expect(try server.get(path + "?limit=100").json["data"]?.elements.count == 49)
    }

    @Test("turns see a conversation and add to it, also after a restart", arguments: Setup.all)
    func turns(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let begun = try server.post("/v1/conversations", ["items": [["role": "user", "content": "zero"]]])
        let fields: JSON = ["conversation": .string(begun.id)]
        let first = try server.respond("echo", "one", streamed: setup.streamed, fields)
        #expect(first.json["conversation"] == ["id": .string(begun.id)])
        #expect(try server.get("/v1/responses/\(first.id)").json == first.json)
        if setup.store == .sqlite {
            server.kill()
            try server.startAgain()
        }
        let second = try server.respond(
            "count", "two", streamed: setup.streamed, ["conversation": ["id": .string(begun.id)]])
        #expect(second.text == "4 items: user user assistant user")
        #expect(try server.delete("/v1/responses/\(first.id)").status == 200)
        let items = try server.get("/v1/conversations/\(begun.id)/items?order=asc").json["data"]?.elements ?? []
        #expect(items.map { $0["role"]?.string } == ["user", "user", "assistant", "user", "assistant"])
        let input = try server.get("/v1/responses/\(second.id)/input_items?order=asc").json["data"]?.elements ?? []
        #expect(input.map(\.["id"]) == items.dropLast().map(\.["id"]))
        let branch = try server.respond("count", "x", after: second.id, streamed: setup.streamed)
        #expect(branch.text == "6 items: user user assistant user assistant user")
        let failed = try server.respond("fail_after", "x", streamed: true, fields)
        #expect(failed.json["status"] == "failed")
        #expect(try server.respond("count", "y", fields).text.hasPrefix("6 items"))
    }

    @Test("64 turns at once keep their items together, and none is lost", arguments: Setup.stores)
    func concurrent(setup: Setup) async throws {
        let server = try ServerProcess(setup.with(storage: "  limits: {chain_depth: 20}"))
        let begun = try server.post("/v1/conversations", [:])
        let turns = try await withThrowingTaskGroup(of: Answer.self) { group in
            for number in 0..<64 {
                group.addTask {
                    try server.respond(
                        "echo", .string("turn \(number)"), streamed: number % 2 == 0,
                        ["conversation": .string(begun.id)])
                }
            }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(turns.allSatisfy { $0.json["status"] == "completed" })
        var items: [JSON] = []
        var after = ""
        repeat {
            let page = try server.get("/v1/conversations/\(begun.id)/items?order=asc&limit=100\(after)").json
            items += page["data"]?.elements ?? []
            guard page["has_more"] == true else { break }
            after = "&after=\(page["last_id"]?.string ?? "")"
        } while true
        #expect(items.count == 128)
        for (user, assistant) in zip(items, items.dropFirst()) where user["role"] == "user" {
            #expect(assistant["content"]?[0]?["text"] == user["content"]?[0]?["text"])
        }
        #expect(Set(items.map { $0["id"] }).count == 128)
    }

    @Test("another key gets on every verb what it gets for an id that never was", arguments: Setup.stores)
    func strangers(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Setup.keys))
        let own = try server.post(
            "/v1/conversations", ["items": [["role": "user", "content": "mine"]]], key: "key-of-team-a")
        let item = try #require(
            try server.get("/v1/conversations/\(own.id)/items", key: "key-of-team-a").json["first_id"]?.string)
        let unknown = "conv_" + String(repeating: "0", count: own.id.count - 5)
        func same(_ ask: (String) throws -> Answer) throws {
            let (foreign, never) = (try ask(own.id), try ask(unknown))
            #expect(foreign.status == 404 && never.status == 404)
            #expect(foreign.json.text.replacing(own.id, with: unknown) == never.json.text)
        }
        let (key, items) = ("key-of-team-b", "items/\(item)")
        try same { try server.get("/v1/conversations/\($0)", key: key) }
        try same { try server.post("/v1/conversations/\($0)", ["metadata": [:]], key: key) }
        try same { try server.delete("/v1/conversations/\($0)", key: key) }
        try same { try server.get("/v1/conversations/\($0)/items", key: key) }
        try same {
            try server.post("/v1/conversations/\($0)/items", ["items": [["role": "user", "content": "x"]]], key: key)
        }
        try same { try server.get("/v1/conversations/\($0)/\(items)", key: key) }
        try same { try server.delete("/v1/conversations/\($0)/\(items)", key: key) }
        try same { try server.respond("echo", "x", key: key, ["conversation": .string($0)]) }
        try same { try server.respond("echo", "x", streamed: true, key: key, ["conversation": .string($0)]) }
        #expect(try server.get("/v1/conversations/\(own.id)", key: "key-of-team-a").json == own.json)
    }

    @Test("paths and methods that aren't there are refused, and nothing is half done")
    func refusals() throws {
        let server = try ServerProcess(Setup())
        let id = try server.post("/v1/conversations", [:]).id
        #expect(try server.get("/v1/conversations").status == 405)
        #expect(try server.ask("PATCH", "/v1/conversations/\(id)").status == 405)
        #expect(try server.get("/v1/conversations/\(id)/things").status == 404)
        #expect(try server.get("/v1/conversations//items").status == 404)
        #expect(try server.ask("POST", "/v1/conversations/\(id)").status == 400)
        let bad: JSON = ["items": [["role": "user", "content": "x"], ["role": "user"]]]
        #expect(try server.post("/v1/conversations/\(id)/items", bad).error["param"] == "items[1].content")
        #expect(try server.get("/v1/conversations/\(id)/items").json["data"] == [])
        // A conversation is no response, whatever path it is asked by.
        #expect(try server.delete("/v1/responses/\(id)").status == 404)
        #expect(try server.get("/v1/responses/\(id)").status == 404)
        #expect(try server.respond("echo", "x", after: id).status == 404)
        #expect(try server.get("/v1/conversations/\(id)").status == 200)
        let without = try ServerProcess(Setup(store: nil))
        #expect(try without.post("/v1/conversations", [:]).error["code"] == "storage_not_configured")
    }
}

extension ServerProcess {
    fileprivate func post(_ path: String, _ body: JSON, key: String? = nil) throws -> Answer {
        try ask("POST", path, body: Array(body.text.utf8), key: key)
    }
}
