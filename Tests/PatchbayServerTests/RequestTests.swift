import NIOCore
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("Requests", .timeLimit(.minutes(3)))
struct RequestTests {
    @Test(
        "a body that isn't announced as JSON is a 415",
        arguments: [
            "", "Content-Type: text/plain\r\n", "Content-Type: application/jsonp\r\n",
            "Content-Type: multipart/form-data; boundary=x\r\n",
        ])
    func contentType(header: String) async throws {
        try await S.with { server in
            let answer = try await server.ask(
                "POST /v1/responses HTTP/1.1\r\nHost: test\r\n\(header)Content-Length: 2\r\n\r\n{}")
            #expect(answer.status == 415)
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test("JSON may be announced with parameters and in any case")
    func contentTypeParameters() async throws {
        try await S.with(echo: true) { server in
            let body = #"{"model":"test","input":"hi"}"#
            let answer = try await server.ask(
                "POST /v1/responses HTTP/1.1\r\nhost: test\r\ncontent-type: Application/JSON ; charset=utf-8\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(answer.status == 200)
        }
    }

    @Test("a body over the limit is refused before it is sent")
    func tooLargeAnnounced() async throws {
        try await S.with(configure: { $0.bodyLimit = 1000 }) { server in
            let answer = try await server.ask(
                "POST /v1/responses HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n"
            )
            #expect(answer.status == 413)
            #expect(answer.body.contains("1000 bytes"))
        }
    }

    @Test("a body in chunks is counted; the client reads the refusal although it is still sending")
    func tooLargeInChunks() async throws {
        try await S.with(configure: { $0.bodyLimit = 1000 }) { server in
            let client = try await server.connect()
            try await client.send(
                "POST /v1/responses HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            let chunk = "200\r\n" + String(repeating: " ", count: 512) + "\r\n"
            try await client.send(chunk + chunk)
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer.headers["connection"] == "close")
            try await client.send("0\r\n\r\n")
            #expect(try await client.untilClosed().isEmpty)
        }
    }

    @Test("a body in chunks, cut anywhere, is one body")
    func chunks() async throws {
        try await S.with(echo: true) { server in
            let client = try await server.connect()
            try await client.send(
                "POST /v1/responses HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for character in #"{"model":"test","input":"hi"}"# { try await client.send("1\r\n\(character)\r\n") }
            try await client.send("0\r\n\r\n")
            #expect(try await client.answer().status == 200)
        }
    }

    @Test("a client that asks is told to go on, and one whose body would be refused is told that")
    func expectContinue() async throws {
        try await S.with(echo: true, configure: { $0.bodyLimit = 1000 }) { server in
            let client = try await server.connect()
            let body = #"{"model":"test","input":"hi"}"#
            let request = S.post(body, headers: "Expect: 100-continue\r\n")
            try await client.send(String(request.dropLast(body.count)))
            #expect(try await client.answer(hasBody: false).status == 100)
            try await client.send(body)
            #expect(try await client.answer().status == 200)

            try await client.send(
                "POST /v1/responses HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try await client.answer().status == 413)
        }
    }

    @Test("headers over the limit are a 431")
    func headers() async throws {
        try await S.with(configure: { $0.headerLimit = 2048 }) { server in
            let client = try await server.connect()
            try await client.send(S.get("/health", headers: "X: \(String(repeating: "x", count: 3000))\r\n"))
            #expect(try await client.answer().status == 431)
            _ = try await client.untilClosed()
        }
        try await S.with { server in
            let many = (0..<200).map { "X\($0): y\r\n" }.joined()
            let answer = try await server.ask(S.get("/health", headers: many))
            #expect(answer.status == 431)
        }
    }

    @Test(
        "what isn't HTTP, or could be read in two ways, is a 400 and the end of the connection",
        arguments: [
            "hello\r\n\r\n", "GET /health HTTP/2.0\r\nHost: a\r\n\r\n", "GET /health HTTP/1.1\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "POST /v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
            "POST /v1/responses HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/responses HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        ])
    func malformed(request: String) async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(request)
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.headers["connection"] == "close")
            #expect(answer.body.contains(#""error""#))
            _ = try await client.untilClosed()
        }
    }

    @Test(
        "a path or URL that can't be decoded is a 400",
        arguments: ["/v1/models/%zz", "/v1/models/%C3", "/v1/models/a%00b", "*", "/v1/models/%4"])
    func paths(path: String) async throws {
        try await S.with { server in
            let answer = try await server.ask(S.get(path))
            #expect(answer.status == 400)
        }
    }

    @Test("a URL may come with its scheme and host")
    func absolute() async throws {
        try await S.with { server in
            let answer = try await server.ask(S.get("http://test/health?x=1"))
            #expect(answer.status == 200)
        }
    }

    @Test("a request for an answer without a body is a 400")
    func noBody() async throws {
        try await S.with { server in
            let answer = try await server.ask("POST /v1/responses HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(answer.status == 400)
        }
    }

    @Test("a request that stays incomplete is ended with a 408, a head that does with the connection's end")
    func slow() async throws {
        try await S.with(configure: { $0.requestTimeout = .milliseconds(50) }) { server in
            let client = try await server.connect()
            try await client.send(String(S.whole.dropLast(3)))
            #expect(try await client.answer().status == 408)
        }
        try await S.with(configure: { $0.keepAliveTimeout = .milliseconds(50) }) { server in
            let slow = try await server.connect()
            try await slow.send("GET /health HT")
            #expect(try await slow.untilClosed().isEmpty)
        }
    }

    @Test("requests sent ahead are answered one after the other, in their order")
    func pipelining() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(S.streamed + S.get("/health") + S.get("/v1/models") + S.whole + "nonsense\r\n\r\n")
            let first = await server.provider.nextCall()
            try await first.say("one")
            try await first.end()
            #expect(try await client.answer().body.contains("response.completed"))
            #expect(try await client.answer().body.contains("ok"))
            #expect(try await client.answer().body.contains("list"))
            let second = await server.provider.nextCall()
            try await second.say("two")
            try await second.end()
            #expect(try await client.answer().body.contains("two"))
            #expect(try await client.answer().status == 400)
            _ = try await client.untilClosed()
        }
    }

    @Test("hundreds of requests sent ahead are all answered")
    func manyPipelined() async throws {
        try await S.with { server in
            let client = try await server.connect()
            let batch = String(repeating: S.get("/health"), count: 500)
            async let sent: Void = client.send(batch)
            for _ in 0..<500 { #expect(try await client.answer().status == 200) }
            try await sent
        }
    }

    @Test("HTTP/1.0 and Connection: close end the connection after the answer")
    func closing() async throws {
        try await S.with(echo: true) { server in
            let old = try await server.connect()
            try await old.send("GET /health HTTP/1.0\r\n\r\n")
            #expect(try await old.answer().headers["connection"] == "close")
            _ = try await old.untilClosed()
            let body = #"{"model":"test","input":"hi","stream":true}"#
            let stream = try await server.connect()
            try await stream.send(
                "POST /v1/responses HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            let all = String(decoding: try await stream.untilClosed(), as: UTF8.self)
            #expect(!all.contains("chunked"))
            #expect(all.contains("event: response.completed\n"))
            let asked = try await server.connect()
            try await asked.send(S.get("/health", headers: "Connection: close\r\n"))
            #expect(try await asked.answer().headers["connection"] == "close")
            _ = try await asked.untilClosed()
        }
    }
}
