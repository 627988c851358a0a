import PatchbayJSON
import PatchbayServer
import Testing

@Suite struct MessagesTests {
    typealias S = RunningServer

    private func post(_ body: String, path: String = "/v1/messages", headers: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private let question = #""model":"test","max_tokens":50,"messages":[{"role":"user","content":"hello"}]"#

    @Test("a message is answered, whole and as a stream")
    func answered() async throws {
        try await S.with(echo: true) { server in
            let whole = try await server.ask(post("{\(question)}"))
            #expect(whole.status == 200 && whole.body.contains(#""content":[{"type":"text","text":""#))
            let stream = try await server.ask(post("{\(question),\"stream\":true}"))
            #expect(
                stream.body.hasPrefix("event: message_start\n")
                    && stream.body.hasSuffix(#"{"type":"message_stop"}"# + "\n\n"))
            let count = try await server.ask(post("{\(question)}", path: "/v1/messages/count_tokens"))
            let tokens = try JSONDocument.parse(Array(count.body.utf8)).root["input_tokens"]?.int
            #expect(count.status == 200 && (tokens ?? 0) > 0)
        }
    }

    @Test("errors have Anthropic's shape, and so have the models for its clients")
    func shapes() async throws {
        try await S.with(echo: true) { server in
            let wrong = try await server.ask(post(#"{"model":"test","messages":[{"role":"user","content":"x"}]}"#))
            #expect(
                wrong.status == 400 && wrong.body.hasPrefix(#"{"type":"error","error":{"type":"invalid_request_error""#)
            )
            let version = "anthropic-version: 2023-06-01\r\n"
            let models = try await server.ask(S.get("/v1/models", headers: version))
            #expect(models.body.contains(#""type":"model","id":"test","display_name":"test""#))
            #expect(try await server.ask(S.get("/v1/models")).body.contains(#""object":"list""#))
            #expect(try await server.ask(S.get("/v1/models/test", headers: version)).body.contains(#""display_name""#))
            let none = try await server.ask(S.get("/v1/models/none", headers: version))
            #expect(none.status == 404 && none.body.contains("not_found_error"))
        }
    }

    @Test("an error of a count has Anthropic's shape and places, whoever asks")
    func countErrors() async throws {
        try await S.with(echo: true) { server in
            let path = "/v1/messages/count_tokens"
            let wrong = try await server.ask(post("{}", path: path))
            let shape = #"{"type":"error","error":{"type":"invalid_request_error""#
            #expect(wrong.status == 400 && wrong.body.hasPrefix(shape))
            let result = #"{"type":"tool_result","tool_use_id":"c","content":"x"}"#
            let messages = #"[{"role":"user","content":"x"},{"role":"user","content":[\#(result)]}]"#
            let orphan = #"{"model":"test","system":"s","messages":\#(messages)}"#
            let refused = try await server.ask(post(orphan, path: path))
            #expect(refused.status == 400 && refused.body.contains(#""param":"messages[1].content[0]""#))
        }
    }

    @Test("Anthropic's clients get the models page by page, in either direction")
    func modelPages() async throws {
        try await S.with(echo: true) { server in
            let version = "anthropic-version: 2023-06-01\r\n"
            func page(_ query: String) async throws -> String {
                let body = try await server.ask(S.get("/v1/models?\(query)", headers: version)).body
                let root = try JSONDocument.parse(Array(body.utf8)).root
                let ids = root["data"]?.elements.compactMap { $0["id"]?.string } ?? []
                #expect(root["first_id"]?.string == ids.first && root["last_id"]?.string == ids.last)
                return ids.joined(separator: ", ") + (root["has_more"]?.bool == true ? ", …" : "")
            }
            let pages = [
                ("limit=1000", "test, org/a model"), ("limit=1", "test, …"), ("limit=1&after_id=test", "org/a model"),
                ("before_id=org%2Fa%20model", "test"), ("after_id=org%2Fa%20model", ""),
            ]
            for (query, expected) in pages {
                let found = try await page(query)
                #expect(found == expected, "\(query)")
            }
            for query in ["limit=0", "limit=1001", "after_id=other", "after_id=test&before_id=test"] {
                let refused = try await server.ask(S.get("/v1/models?\(query)", headers: version))
                #expect(refused.status == 400, "\(query)")
            }
        }
    }

    @Test("x-api-key is a key like Bearer")
    func key() async throws {
        try await S.with(echo: true, keys: KeyRing([KeyRing.Key(owner: "a", key: "secret")])) { server in
            let right = try await server.ask(post("{\(question)}", headers: "x-api-key: secret\r\n"))
            #expect(right.status == 200)
            let wrong = try await server.ask(post("{\(question)}", headers: "x-api-key: other\r\n"))
            #expect(wrong.status == 401 && wrong.body.contains("authentication_error"))
            #expect(try await server.ask(post("{\(question)}")).status == 401)
        }
    }
}
