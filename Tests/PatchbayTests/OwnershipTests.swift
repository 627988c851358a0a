import Testing

/// Every stored thing has an owner, and nobody else can tell that it is there (behaviour 1).
@Suite("Ownership")
struct OwnershipTests {
    @Test("another key gets on every verb what it gets for an id that never was", arguments: Setup.all)
    func everyVerb(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Setup.keys))
        let own = try server.respond("echo", "mine", streamed: setup.streamed, key: "key-of-team-a")
        let unknown = "resp_" + String(repeating: "0", count: own.id.count - 5)
        func same(_ ask: (String) throws -> Answer) throws {
            let (foreign, never) = (try ask(own.id), try ask(unknown))
            #expect(foreign.status == 404)
            #expect(never.status == 404)
            #expect(foreign.json.text.replacing(own.id, with: unknown) == never.json.text)
        }
        try same { try server.get("/v1/responses/\($0)", key: "key-of-team-b") }
        try same { try server.get("/v1/responses/\($0)/input_items", key: "key-of-team-b") }
        try same { try server.delete("/v1/responses/\($0)", key: "key-of-team-b") }
        try same { try server.respond("echo", "theirs", after: $0, streamed: setup.streamed, key: "key-of-team-b") }
        #expect(try server.get("/v1/responses/\(own.id)", key: "key-of-team-a").json == own.json)
        #expect(
            try server.respond("count", "on", after: own.id, key: "key-of-team-a").text
                == "3 items: user assistant user")
    }

    @Test("a response that runs is hidden from another key as well", arguments: Setup.stores)
    func running(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Setup.keys))
        let connection = try HTTPConnection(server)
        let body: JSON = ["model": "hang", "input": "x", "stream": true]
        try connection.send(
            "POST", "/v1/responses",
            headers: ["Content-Type": "application/json", "Authorization": "Bearer key-of-team-a"],
            body: Array(body.text.utf8))
        _ = try connection.readHead()
        let id = try #require(try EventReader(connection).next()?.json["response"]?["id"]?.string)
        #expect(try server.get("/v1/responses/\(id)", key: "key-of-team-a").status == 200)
        #expect(try server.get("/v1/responses/\(id)", key: "key-of-team-b").status == 404)
        #expect(try server.delete("/v1/responses/\(id)", key: "key-of-team-b").status == 404)
        #expect(try server.respond("echo", "x", after: id, key: "key-of-team-b").error == IdentifierTests.notFound(id))
    }

    @Test("without a key, and with a wrong one, the answer is 401")
    func noKey() throws {
        let server = try ServerProcess(Setup().with(sections: Setup.keys))
        for key in [nil, "wrong", "key-of-team-", "key-of-team-ab"] as [String?] {
            let answer = try server.respond("echo", "x", key: key)
            #expect(answer.status == 401)
            #expect(answer.error["type"] == "authentication_error")
            #expect(!answer.json.text.contains("key-of-team"))
        }
        #expect(try server.get("/health").status == 200)
        #expect(try server.get("/v1/models").status == 401)
    }
}
