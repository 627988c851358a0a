import PatchbayModel
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("Keys", .timeLimit(.minutes(3)))
struct KeyTests {
    @Test("without keys everybody is anonymous")
    func anonymous() throws {
        #expect(try KeyRing().owner(authorization: nil) == "anonymous")
        #expect(try KeyRing().owner(authorization: "Bearer whatever") == "anonymous")
    }

    @Test("a key is known by itself or by its digest", arguments: ["Bearer secret", "bearer secret", "BEARER  secret"])
    func known(header: String) throws {
        let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
        let byDigest = KeyRing([try #require(KeyRing.Key(owner: "b", sha256: digest))])
        #expect(try byDigest.owner(authorization: header) == "b")
        let inUpperCase = KeyRing([try #require(KeyRing.Key(owner: "b", sha256: digest.uppercased()))])
        #expect(try inUpperCase.owner(authorization: header) == "b")
        #expect(try KeyRing([.init(owner: "a", key: "secret")]).owner(authorization: header) == "a")
    }

    @Test(
        "what is no SHA-256 is no key",
        arguments: ["", "2bb8", String(repeating: "g", count: 64), String(repeating: "é", count: 32)])
    func digest(text: String) {
        #expect(KeyRing.Key(owner: "a", sha256: text) == nil)
    }

    @Test(
        "nothing else is a key",
        arguments: [
            "", "Bearer", "Bearer ", "secret", "Basic secret", "Bearer Secret", "Bearer secret x", "Bearer secretx",
        ])
    func unknown(header: String) {
        let ring = KeyRing([.init(owner: "a", key: "secret")])
        #expect { try ring.owner(authorization: header) } throws: { ($0 as? GatewayError)?.kind == .unauthenticated }
    }

    @Test("no key and a wrong key are 401, each with its code")
    func refused() async throws {
        try await S.with(keys: KeyRing([.init(owner: "a", key: "secret")])) { server in
            let none = try await server.ask(S.get("/v1/models"))
            #expect(none.status == 401)
            #expect(none.headers["www-authenticate"] == "Bearer")
            #expect(none.body.contains("Authorization: Bearer YOUR_KEY"))
            let wrong = try await server.ask(S.get("/v1/models", headers: "Authorization: Bearer nope\r\n"))
            #expect(wrong.status == 401)
            #expect(wrong.body.contains(#""code":"invalid_api_key""#))
            let right = try await server.ask(S.get("/v1/models", headers: "Authorization: Bearer secret\r\n"))
            #expect(right.status == 200)
            let post = try await server.ask(S.post("{}"))
            #expect(post.status == 401)
        }
    }

    @Test("what one key stored another doesn't find")
    func owners() async throws {
        let ring = KeyRing([.init(owner: "a", key: "key-a"), .init(owner: "b", key: "key-b")])
        try await S.with(echo: true, keys: ring) { server in
            let body = #"{"model":"test","input":"hi"}"#
            let made = try await server.ask(S.post(body, headers: "Authorization: Bearer key-a\r\n"))
            let start = try #require(made.body.firstRange(of: "resp_")).lowerBound
            let id = made.body[start...].prefix { $0 != "\"" }
            let path = "/v1/responses/\(id)"
            #expect(try await server.ask(S.get(path, headers: "Authorization: Bearer key-a\r\n")).status == 200)
            #expect(try await server.ask(S.get(path, headers: "Authorization: Bearer key-b\r\n")).status == 404)
        }
    }
}
