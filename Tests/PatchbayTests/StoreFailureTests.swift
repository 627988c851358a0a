import Testing

/// A store whose commit fails: the client is told, and the id is worth nothing (behaviour 2).
@Suite("Store failure")
struct StoreFailureTests {
    static func server(_ macros: [String]) throws -> ServerProcess {
        let folder = try Folder()
        _ = try Product.compile("failing_store", into: folder, defining: macros)
        return try ServerProcess(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
              - {name: history, library: $FOLDER/libfailing_store.so}
            models:
              - {name: "*", provider: scripted}
            storage:
              plugin: history
            """, in: folder)
    }

    @Test("streamed: an error event, then response.failed", arguments: [[], ["AT_ONCE"]])
    func streamed(macros: [String]) throws {
        let server = try Self.server(macros)
        let answer = try server.respond("echo", "hello", streamed: true)
        #expect(answer.events.suffix(2).map(\.name) == ["error", "response.failed"])
        #expect(!answer.events.contains { $0.name == "response.completed" })
        #expect(answer.json["status"] == "failed")
        #expect(answer.error["code"] == "server_error")
        #expect(!answer.events.contains { $0.data.contains("disk full") })
        try expectUnusable(answer.id, server)
    }

    @Test("not streamed: an HTTP error and no id", arguments: [[], ["AT_ONCE"]])
    func whole(macros: [String]) throws {
        let server = try Self.server(macros)
        let answer = try server.respond("echo", "hello")
        #expect(answer.status == 500)
        #expect(answer.error["type"] == "server_error")
        #expect(!answer.json.text.contains("disk full"))
        #expect(!answer.json.text.contains("resp_"))
    }

    @Test("a response that isn't to be stored doesn't ask the store")
    func unstored() throws {
        let server = try Self.server([])
        for streamed in [false, true] {
            let answer = try server.respond("echo", "hello", streamed: streamed, ["store": false])
            #expect(answer.json["status"] == "completed")
        }
    }

    private func expectUnusable(_ id: String, _ server: ServerProcess) throws {
        #expect(try server.get("/v1/responses/\(id)").status == 404)
        let next = try server.respond("echo", "on", after: id)
        #expect(next.status == 404)
        #expect(next.error == IdentifierTests.notFound(id))
    }
}
