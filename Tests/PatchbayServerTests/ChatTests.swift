import PatchbayJSON
import PatchbayServer
import Testing

@Suite struct ChatTests {
    typealias S = RunningServer

    private func post(_ body: String) -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private let question = #""model":"test","messages":[{"role":"user","content":"hello"}]"#

    @Test("a completion that is stored can be got, its messages listed, and deleted once")
    func stored() async throws {
        try await S.with(echo: true) { server in
            let made = try JSONDocument.parse(
                Array(try await server.ask(post("{\(question),\"store\":true}")).body.utf8))
            let id = try #require(made.root["id"]?.string)
            #expect(id.hasPrefix("chatcmpl-") && made.root["object"]?.string == "chat.completion")
            let again = try await server.ask(S.get("/v1/chat/completions/\(id)"))
            #expect(again.status == 200 && again.body == String(decoding: made.root.raw, as: UTF8.self))
            let messages = try await server.ask(S.get("/v1/chat/completions/\(id)/messages"))
            let list = try JSONDocument.parse(Array(messages.body.utf8)).root
            #expect(list["data"]?.count == 1 && list["data"]?[0]?["content"]?.string == "hello")
            // It is one history: the same turn as a response.
            let response = try await server.ask(S.get("/v1/responses/resp_\(id.dropFirst(9))"))
            #expect(response.status == 200)
            let deletion = "DELETE /v1/chat/completions/\(id) HTTP/1.1\r\nHost: test\r\n\r\n"
            #expect(try await server.ask(deletion).body.contains(#""object":"chat.completion.deleted""#))
            let gone = try await server.ask(S.get("/v1/chat/completions/\(id)"))
            #expect(gone.status == 404 && gone.body.contains("chat_completion_not_found"))
        }
    }

    @Test("one that isn't stored, and an id that is none, are not found")
    func notStored() async throws {
        try await S.with(echo: true) { server in
            let made = try JSONDocument.parse(Array(try await server.ask(post("{\(question)}")).body.utf8))
            let id = try #require(made.root["id"]?.string)
            for id in [id, "chatcmpl-0", "resp_\(id.dropFirst(9))"] {
                let answer = try await server.ask(S.get("/v1/chat/completions/\(id)"))
                #expect(answer.status == 404 && answer.body.contains("chat_completion_not_found"))
            }
        }
    }

    @Test("a stream ends in DONE, and errors have OpenAI's shape")
    func stream() async throws {
        try await S.with(echo: true) { server in
            let answer = try await server.ask(post("{\(question),\"stream\":true}"))
            #expect(answer.body.hasPrefix("data: {\"id\":\"chatcmpl-") && answer.body.hasSuffix("data: [DONE]\n\n"))
            let wrong = try await server.ask(post(#"{"model":"nobody","messages":[{"role":"user","content":"x"}]}"#))
            #expect(wrong.status == 404 && wrong.body.contains(#""code":"model_not_found""#))
        }
    }
}
