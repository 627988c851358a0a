import PatchbayFormats
import PatchbayJSON
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("Endpoints", .timeLimit(.minutes(3)))
struct EndpointTests {
    @Test("health answers 200 without a key")
    func health() async throws {
        try await S.with(keys: KeyRing([.init(owner: "a", key: "secret")])) { server in
            let answer = try await server.ask(S.get("/health"))
            #expect(answer.status == 200)
            #expect(answer.body == #"{"status":"ok"}"#)
            #expect(answer.headers["x-request-id"]?.hasPrefix("req_") == true)
        }
    }

    @Test("a request is answered as one JSON object")
    func whole() async throws {
        try await S.with(echo: true) { server in
            let answer = try await server.ask(S.whole)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/json")
            let document = try JSONDocument.parse(Array(answer.body.utf8))
            #expect(document.root["object"]?.string == "response")
            #expect(answer.body.contains("Hello there"))
        }
    }

    @Test("a stream has the headers of server-sent events, one terminal event, and leaves the connection usable")
    func streamed() async throws {
        try await S.with(echo: true) { server in
            let client = try await server.connect()
            try await client.send(S.streamed)
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(answer.headers["cache-control"] == "no-cache")
            #expect(answer.headers["x-accel-buffering"] == "no")
            #expect(answer.body.hasPrefix("event: response.created\n"))
            #expect(answer.body.components(of: "event: response.completed\n") == 1)
            #expect(answer.body.hasSuffix("\n\n"))
            #expect(!answer.body.contains("[DONE]"))
            try await client.send(S.get("/health"))
            #expect(try await client.answer().status == 200)
        }
    }

    @Test("with sse_done a stream ends with [DONE]")
    func done() async throws {
        try await S.with(echo: true, formats: Formats(responsesEndWithDone: true)) { server in
            let answer = try await server.ask(S.streamed)
            #expect(answer.body.hasSuffix("}\n\ndata: [DONE]\n\n"))
        }
    }

    @Test("a response can be got, its input listed, and deleted once")
    func stored() async throws {
        try await S.with(echo: true) { server in
            let made = try JSONDocument.parse(Array(try await server.ask(S.whole).body.utf8))
            let id = try #require(made.root["id"]?.string)
            let got = try await server.ask(S.get("/v1/responses/\(id)"))
            #expect(got.status == 200)
            #expect(got.body.contains(id))
            #expect(try await server.ask(S.get("/v1/responses/\(id)?stream=false")).status == 200)

            let items = try await server.ask(
                S.get("/v1/responses/\(id)/input_items?limit=1&order=asc&include[]=reasoning.encrypted_content"))
            #expect(items.status == 200)
            let list = try JSONDocument.parse(Array(items.body.utf8)).root
            #expect(list["object"]?.string == "list")
            #expect(list["first_id"]?.string == list["last_id"]?.string)
            #expect(list["has_more"]?.raw.elementsEqual("false".utf8) == true)

            let delete = "DELETE /v1/responses/\(id) HTTP/1.1\r\nHost: test\r\n\r\n"
            let deleted = try await server.ask(delete)
            #expect(deleted.status == 200)
            #expect(deleted.body == #"{"id":"\#(id)","object":"response","deleted":true}"#)
            #expect(try await server.ask(delete).status == 404)
            #expect(try await server.ask(S.get("/v1/responses/\(id)")).status == 404)
            #expect(try await server.ask(S.get("/v1/responses/\(id)/input_items")).status == 404)
        }
    }

    @Test(
        "a bad parameter is a 400 that names it",
        arguments: [
            ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("order=up", "order"),
            ("after=", "after"),
            ("limit=1&limit=2", "limit"), ("include=everything", "include"), ("after=%zz", nil), ("before=%ff", nil),
        ])
    func parameters(query: String, param: String?) async throws {
        try await S.with { server in
            let answer = try await server.ask(S.get("/v1/responses/resp_1/input_items?\(query)"))
            #expect(answer.status == 400)
            let error = try #require(JSONDocument.parse(Array(answer.body.utf8)).root["error"])
            #expect(error["param"]?.string == param)
        }
    }

    @Test("taking up a stream again asks for it rightly")
    func resume() async throws {
        try await S.with { server in
            let unknown = try await server.ask(S.get("/v1/responses/resp_1?stream=true&starting_after=3"))
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("response_not_found"))
            for query in [
                "stream=yes", "starting_after=3", "stream=true&starting_after=-1", "stream=true&starting_after=x",
            ] {
                let answer = try await server.ask(S.get("/v1/responses/resp_1?\(query)"))
                #expect(answer.status == 400, "\(query)")
            }
        }
    }

    @Test("models are listed, and found by names with slashes, plain or encoded")
    func models() async throws {
        try await S.with { server in
            let list = try await server.ask(S.get("/v1/models"))
            #expect(list.status == 200)
            #expect(list.body.contains(#""id":"org/a model","object":"model""#))
            for path in ["/v1/models/org/a%20model", "/v1/models/org%2Fa%20model", "/v1/models/test"] {
                #expect(try await server.ask(S.get(path)).status == 200, "\(path)")
            }
            let unknown = try await server.ask(S.get("/v1/models/other"))
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("model_not_found"))
        }
    }

    @Test("HEAD has GET's length and no body")
    func head() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send("HEAD /health HTTP/1.1\r\nHost: test\r\n\r\n" + S.get("/health"))
            let head = try await client.answer(hasBody: false)
            let get = try await client.answer()
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == get.headers["content-length"])
            #expect(get.body == #"{"status":"ok"}"#)
        }
    }

    @Test(
        "what isn't there is a 404 in the error's shape",
        arguments: [
            "/", "/v1", "/v2/models", "/v1/responses/", "/v1/responses/a/b", "/v1/responses/a/input_items/x",
            "/healthy",
        ])
    func unknown(path: String) async throws {
        try await S.with { server in
            let answer = try await server.ask(S.get(path))
            #expect(answer.status == 404)
            let document = try JSONDocument.parse(Array(answer.body.utf8))
            #expect(document.root["error"]?["message"]?.string != nil)
        }
    }

    @Test(
        "a method that a path doesn't know is a 405 that says which it knows",
        arguments: [
            ("PUT", "/v1/responses", "POST"), ("GET", "/v1/responses", "POST"), ("POST", "/v1/models", "GET, HEAD"),
            ("PATCH", "/v1/responses/x", "GET, HEAD, DELETE"), ("OPTIONS", "/health", "GET, HEAD"),
        ])
    func method(method: String, path: String, allow: String) async throws {
        try await S.with { server in
            let answer = try await server.ask("\(method) \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == allow)
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
