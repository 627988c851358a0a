import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer
import Testing

@Suite struct EmbeddingsTests {
    typealias S = RunningServer

    private func post(_ body: String, headers: String = "") -> String {
        S.post(body, path: "/v1/embeddings", headers: headers)
    }

    @Test("a vector for each input, as numbers and as base64, under the model's name as it was asked for")
    func answers() async throws {
        try await S.with { server in
            let answer = try await server.ask(post(#"{"model":"test","input":["a","bc"],"dimensions":2}"#))
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,0.5]},{"object":"embedding","index":1,"embedding":[1.5,1.5]}],"model":"test","usage":{"prompt_tokens":2,"total_tokens":2}}"#
            )
            let base64 = try await server.ask(
                post(#"{"model":"test","input":"a","dimensions":1,"encoding_format":"base64"}"#))
            #expect(base64.body.contains(#""embedding":"AAAAPw==""#))
        }
    }

    @Test("a long answer is whole")
    func long() async throws {
        try await S.with { server in
            let inputs = Array(repeating: #""x""#, count: 100).joined(separator: ",")
            let answer = try await server.ask(post(#"{"model":"test","input":[\#(inputs)],"dimensions":2000}"#))
            let data = try JSONDocument.parse(Array(answer.body.utf8)).root["data"]
            #expect(data?.count == 100 && data?[99]?["index"]?.int == 99 && data?[99]?["embedding"]?.count == 2000)
        }
    }

    @Test("errors are OpenAI's, with the place in the request")
    func errors() async throws {
        try await S.with { server in
            let empty = try await server.ask(post(#"{"model":"test","input":["a",""]}"#))
            #expect(empty.status == 400 && empty.body.contains(#""type":"invalid_request_error","param":"input[1]""#))
            let unknown = try await server.ask(post(#"{"model":"nobody","input":"x"}"#))
            #expect(unknown.status == 404 && unknown.body.contains("model_not_found"))
            let get = try await server.ask(S.get("/v1/embeddings"))
            #expect(get.status == 405 && get.headers["allow"] == "POST")
            let none = try await server.ask("POST /v1/embeddings HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")
            #expect(none.status == 400)
            let long = try await server.ask(post(#"{"model":"test","input":"too long"}"#))
            #expect(long.status == 400 && long.body.contains(#""param":"input","code":"context_length_exceeded""#))
        }
    }

    @Test("a key is needed where keys are, and the body is bounded")
    func limits() async throws {
        let keys = KeyRing([.init(owner: "a", key: "sk-a")])
        try await S.with(keys: keys, configure: { $0.bodyLimit = 100 }) { server in
            let body = #"{"model":"test","input":"a","dimensions":1}"#
            #expect(try await server.ask(post(body)).status == 401)
            #expect(try await server.ask(post(body, headers: "Authorization: Bearer sk-a\r\n")).status == 200)
            let large = #"{"model":"test","input":"\#(String(repeating: "x", count: 100))"}"#
            #expect(try await server.ask(post(large, headers: "Authorization: Bearer sk-a\r\n")).status == 413)
        }
    }
}
