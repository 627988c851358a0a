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

    @Test("what is stored is listed, with its filters, and its metadata can be changed")
    func list() async throws {
        try await S.with(echo: true) { server in
            func root(_ request: String) async throws -> JSONValue {
                try JSONDocument.parse(Array(try await server.ask(request).body.utf8)).root
            }
            var ids: [String] = []
            for number in 0..<3 {
                let body = "{\(question),\"store\":true,\"metadata\":{\"k\":\"\(number)\"}}"
                ids.append(try #require(try await root(post(body))["id"]?.string))
            }
            _ = try await server.ask(post("{\(question)}"))
            let list = try await root(S.get("/v1/chat/completions"))
            let listed = list["data"]?.elements.compactMap { $0["id"]?.string } ?? []
            #expect(list["object"]?.string == "list" && Set(listed) == Set(ids) && listed.count == 3)
            #expect(list["first_id"]?.string == listed.first && list["last_id"]?.string == listed.last)
            let next = try await root(S.get("/v1/chat/completions?limit=1&after=\(listed[0])"))
            #expect(next["data"]?[0]?["id"]?.string == listed[1] && next["has_more"]?.bool == true)
            let filtered = try await root(S.get("/v1/chat/completions?model=test&metadata%5Bk%5D=1&order=desc"))
            #expect(filtered["data"]?.elements.compactMap { $0["id"]?.string } == [ids[1]])
            for query in ["order=up", "limit=0", "after=resp_1", "after=chatcmpl-1"] {
                #expect(try await server.ask(S.get("/v1/chat/completions?\(query)")).status == 400, "\(query)")
            }
            let change = #"{"metadata":{"new":"x"}}"#
            let changed = try await root(S.post(change, path: "/v1/chat/completions/\(ids[0])"))
            #expect(changed["metadata"]?["new"]?.string == "x" && changed["metadata"]?["k"] == nil)
            #expect(try await root(S.get("/v1/chat/completions/\(ids[0])"))["metadata"]?["new"]?.string == "x")
            for (body, path) in [("{}", ids[0]), (#"{"metadata":{"a":1}}"#, ids[0]), ("[]", ids[0])] {
                #expect(try await server.ask(S.post(body, path: "/v1/chat/completions/\(path)")).status == 400)
            }
            #expect(try await server.ask(S.post(change, path: "/v1/chat/completions/chatcmpl-0")).status == 404)
        }
    }

    @Test("several choices are in one answer, and in one stream that ends once")
    func choices() async throws {
        try await S.with(echo: true) { server in
            let answer = try await server.ask(post("{\(question),\"n\":3}"))
            let whole = try JSONDocument.parse(Array(answer.body.utf8)).root
            let texts = whole["choices"]?.elements.compactMap { $0["message"]?["content"]?.string }
            #expect(texts == Array(repeating: "Hello there", count: 3))
            #expect(whole["usage"]?["prompt_tokens"]?.int == 3 && whole["usage"]?["completion_tokens"]?.int == 6)
            let stream = try await server.ask(post("{\(question),\"n\":3,\"stream\":true}"))
            #expect(stream.status == 200 && stream.body.hasSuffix("data: [DONE]\n\n"))
            let frames = stream.body.split(separator: "\n\n")
            #expect(frames.filter { $0 == "data: [DONE]" }.count == 1)
            for index in 0..<3 {
                let own = frames.filter { $0.contains("\"choices\":[{\"index\":\(index),") }
                #expect(own.count == 4 && own.last?.contains("\"finish_reason\":\"stop\"") == true, "\(own)")
            }
            let many = try await server.ask(post("{\(question),\"n\":9}"))
            #expect(many.status == 400 && many.body.contains("\"param\":\"n\""))
            let kept = try await server.ask(post("{\(question),\"n\":2,\"store\":true}"))
            #expect(kept.status == 400 && kept.body.contains("\"param\":\"n\""))
        }
    }
}
