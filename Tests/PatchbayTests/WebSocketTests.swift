import Testing

/// WebSocket mode with real plugins and a real store.
@Suite("WebSocket mode")
struct WebSocketTests {
    private func create(_ model: String, _ input: String, after id: String? = nil, store: Bool = false) -> JSON {
        var message: JSON = [
            "type": "response.create", "model": .string(model), "input": .string(input), "store": .bool(store),
        ]
        if let id { message["previous_response_id"] = .string(id) }
        return message
    }

    private func id(_ events: [JSON]) throws -> String {
        try #require(events.last?["response"]?["id"]?.string)
    }

    private func text(_ events: [JSON]) -> String {
        events.compactMap { $0["type"] == "response.output_text.delta" ? $0["delta"]?.string : nil }.joined()
    }

    @Test(
        "a chain of turns that aren't stored is whole, with and without a store",
        arguments: [nil, .sqlite, .memory] as [Store?])
    func chain(store: Store?) throws {
        let server = try ServerProcess(Setup(store: store))
        let socket = try WebSocketConnection(server)
        var last = try id(socket.turn(create("echo", "one")))
        last = try id(socket.turn(create("echo", "two", after: last)))
        let third = try socket.turn(create("count", "three", after: last))
        #expect(text(third) == "5 items: user assistant user assistant user")
        #expect(try server.get("/v1/responses/\(try id(third))").status == 404)
        if store != nil {
            let answer = try server.respond("echo", "on", after: try id(third))
            #expect(answer.status == 404)
        }
    }

    @Test(
        "a turn that was warmed up without the model is continued, over HTTP too where it is stored",
        arguments: Setup.stores)
    func warm(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let socket = try WebSocketConnection(server)
        var message = create("fail", "the context", store: true)
        message["generate"] = false
        let events = try socket.turn(message)
        #expect(events.last?["type"] == "response.completed")
        let over = try server.respond("count", "on", after: try id(events))
        #expect(over.text == "2 items: user user")
        #expect(
            text(try socket.turn(create("count", "on", after: try id(events), store: true))) == "2 items: user user")
    }

    @Test("a stored response survives its connection and the server; one that isn't stored survives neither")
    func reconnect() throws {
        let server = try ServerProcess(Setup())
        let socket = try WebSocketConnection(server)
        let stored = try id(socket.turn(create("echo", "kept", store: true)))
        let other = try id(socket.turn(create("echo", "not kept", after: stored)))
        server.kill()
        try server.startAgain()
        let again = try WebSocketConnection(server)
        let error = try #require(try again.turn(create("echo", "x", after: other)).last)
        #expect(error["type"] == "error" && error["error"]?["code"] == "previous_response_not_found")
        #expect(text(try again.turn(create("count", "on", after: stored))) == "3 items: user assistant user")
    }

    @Test("a response is its owner's on every connection")
    func owners() throws {
        let server = try ServerProcess(Setup().with(sections: Setup.keys))
        let stored = try id(WebSocketConnection(server, key: "key-of-team-a").turn(create("echo", "mine", store: true)))
        let theirs = try WebSocketConnection(server, key: "key-of-team-b")
        let error = try #require(try theirs.turn(create("count", "x", after: stored)).last)
        #expect(error["error"]?["code"] == "previous_response_not_found")
        #expect(throws: TestFailure.self) { try WebSocketConnection(server, key: "nobodys") }
        let own = try WebSocketConnection(server, key: "key-of-team-a")
        #expect(text(try own.turn(create("count", "x", after: stored))) == "3 items: user assistant user")
    }

    @Test("a long answer comes whole and in order")
    func long() throws {
        let server = try ServerProcess(Setup())
        let events = try WebSocketConnection(server).turn(create("long", "count 20000"))
        #expect(events.count { $0["type"] == "response.output_text.delta" } == 20_000)
        #expect(events.indices.allSatisfy { events[$0]["sequence_number"] == .int($0) })
    }
}
