import PatchbayJSON
import PatchbayServer
import Testing

private typealias S = RunningServer

/// The doors that take a body and give no answer of a model.
@Suite("Compaction and counts", .timeLimit(.minutes(3)))
struct CompactionEndpointTests {
    private static let counts = "/v1/responses/input_tokens"
    private static let compacts = "/v1/responses/compact"

    @Test("a count is one number, and says that it is estimated")
    func count() async throws {
        try await S.with { server in
            let answer = try await server.ask(S.post(#"{"model":"test","input":"hi there"}"#, path: Self.counts))
            let root = try JSONDocument.parse(Array(answer.body.utf8)).root
            #expect(answer.status == 200 && root["object"]?.string == "response.input_tokens")
            #expect((root["input_tokens"]?.int ?? 0) > 0 && root["estimated"]?.bool == true)
        }
    }

    @Test("a compacted conversation ends in one compaction item")
    func compact() async throws {
        try await S.with(echo: true) { server in
            let answer = try await server.ask(S.post(#"{"model":"test","input":"hi there"}"#, path: Self.compacts))
            let root = try JSONDocument.parse(Array(answer.body.utf8)).root
            #expect(answer.status == 200 && root["object"]?.string == "response.compaction")
            #expect(root["output"]?.elements.map { $0["type"]?.string } == ["message", "compaction"])
            #expect(root["usage"]?["total_tokens"]?.int == 3 && root["id"]?.string?.hasPrefix("resp_") == true)
        }
    }

    @Test("they take a JSON body by POST and nothing else", arguments: [counts, compacts])
    func method(path: String) async throws {
        try await S.with { server in
            let wrong = try await server.ask(S.get(path))
            #expect(wrong.status == 405 && wrong.headers["allow"] == "POST")
            let empty = try await server.ask("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
            #expect(empty.status == 400 && empty.body.contains("has no body"))
            let text = try await server.ask(
                "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi")
            #expect(text.status == 415)
            let broken = try await server.ask(S.post(#"{"model":"#, path: path))
            #expect(broken.status == 400 && broken.body.contains("invalid_json"))
            let unknown = try await server.ask(S.post(#"{"model":"other","input":"x"}"#, path: path))
            #expect(unknown.status == 404 && unknown.body.contains("model_not_found"))
        }
    }

    @Test("a body of a path that takes none is read off and dropped")
    func ignored() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send("GET /health HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try await client.answer().status == 200)
            try await client.send(S.get("/health"))
            #expect(try await client.answer().status == 200)
        }
    }
}
