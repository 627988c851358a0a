import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer
import Testing

private typealias S = RunningServer

/// Errors as they come over the wire: each with its status, its code and the error's four fields.
@Suite("Errors", .timeLimit(.minutes(3)))
struct ErrorTests {
    private static func header(_ line: String) -> String {
        "POST /v1/responses HTTP/1.1\r\nHost: test\r\n\(line)Content-Length: 2\r\n\r\n{}"
    }

    private static let cases: [(String, String)] = [
        ("invalid_url", S.get("/v1/models/%zz")),
        ("invalid_http_request", "GET /health HTTP/1.1\r\n\r\n"),
        (
            "invalid_websocket_handshake",
            S.get(
                "/v1/responses",
                headers:
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"
            )
        ),
        ("unknown_url", S.get("/v2/models")),
        ("method_not_allowed", "PUT /v1/responses HTTP/1.1\r\nHost: test\r\n\r\n"),
        ("unsupported_content_type", header("Content-Type: text/plain\r\n")),
        ("unsupported_content_type", header("Content-Type: application/json\r\nContent-Encoding: gzip\r\n")),
        ("request_too_large", S.post(String(repeating: " ", count: 5000))),
        ("headers_too_large", S.get("/health", headers: "X: \(String(repeating: "x", count: 9000))\r\n")),
        ("request_timeout", String(S.whole.dropLast(3))),
        ("invalid_json", S.post("{")),
        ("model_not_found", S.post(#"{"model":"none","input":"hi"}"#)),
        ("response_not_found", S.get("/v1/responses/resp_none")),
        ("previous_response_not_found", S.post(#"{"model":"test","input":"hi","previous_response_id":"resp_none"}"#)),
        (
            "tool_call_not_found",
            S.post(#"{"model":"test","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}"#)
        ),
        ("item_not_found", S.post(#"{"model":"test","input":[{"type":"item_reference","id":"msg_none"}]}"#)),
    ]

    @Test("an error has its status, its code and its four fields", arguments: cases)
    func codes(code: String, request: String) async throws {
        let configure: (inout ServerConfiguration) -> Void = {
            $0.bodyLimit = 4096
            $0.headerLimit = 8192
            $0.requestTimeout = .milliseconds(200)
        }
        try await S.with(echo: true, configure: configure) { server in
            let answer = try await server.ask(request)
            let known = try #require(ErrorCode(rawValue: code))
            #expect(answer.status == known.status)
            let error = try #require(JSONDocument.parse(Array(answer.body.utf8)).root["error"])
            #expect(error.members.map(\.key).sorted() == ["code", "message", "param", "type"])
            #expect(error["code"]?.string == code && error["message"]?.string?.isEmpty == false)
        }
    }

    @Test("without a key, and with a wrong one", arguments: [("missing_api_key", ""), ("invalid_api_key", "Bearer x")])
    func keys(code: String, header: String) async throws {
        try await S.with(keys: KeyRing([.init(owner: "a", key: "secret")])) { server in
            let line = header.isEmpty ? "" : "Authorization: \(header)\r\n"
            let answer = try await server.ask(S.get("/v1/models", headers: line))
            #expect(answer.status == 401 && answer.body.contains(#""code":"\#(code)""#))
        }
    }

    @Test(
        "what a provider fails with before its first word is a status",
        arguments: [
            (GatewayError(.invalidRequest, "x", code: "context_length_exceeded"), 400),
            (GatewayError(.rateLimited, "x"), 429),
            (GatewayError(.invalidRequest, "x", code: "unsupported"), 400), (GatewayError(.provider, "x"), 502),
            (GatewayError(.overloaded, "x"), 503), (GatewayError(.timeout, "x"), 504),
            (GatewayError(.internal, "x"), 500),
        ])
    func provider(failure: GatewayError, status: Int) async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(S.whole)
            let call = await server.provider.nextCall()
            try await call.end(.failed(failure))
            let answer = try await client.answer()
            #expect(answer.status == status)
            let error = try #require(JSONDocument.parse(Array(answer.body.utf8)).root["error"])
            #expect(error["code"]?.string == failure.code)
        }
    }
}
