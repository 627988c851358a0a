import Testing

/// Bodies that mean harm: each a 400 (or 413), and the server answers the next request.
@Suite("Hostile input")
struct HostileInputTests {
    private func body(_ input: String) -> [UInt8] {
        Array((#"{"model":"echo","input":"# + input + "}").utf8)
    }

    @Test("garbage is a 400, and the server lives")
    func garbage() throws {
        let server = try ServerProcess(Setup(store: .memory))
        let ten = 10 << 20
        let bodies: [(String, [UInt8])] = [
            ("nested arrays", body(String(repeating: "[", count: ten))),
            ("nested objects", body(String(repeating: #"{"a":"#, count: ten / 5))),
            ("closed nesting", body(String(repeating: "[", count: 129) + String(repeating: "]", count: 129))),
            ("one string that never ends", body("\"" + String(repeating: "a", count: ten))),
            ("zero bytes", [UInt8](repeating: 0, count: 4096)),
            ("invalid UTF-8", Array(#"{"model":"echo","input":""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8)),
            ("an overlong sign", Array(#"{"model":"echo","input":""#.utf8) + [0xC0, 0x80] + Array("\"}".utf8)),
            ("half a surrogate pair", body(#""\ud800""#)),
            ("a duplicate key", Array(#"{"model":"echo","input":"a","input":"b"}"#.utf8)),
            (
                "a duplicate key deep down",
                body(#"[{"role":"user","content":[{"type":"input_text","text":"a","text":"b"}]}]"#)
            ),
            ("a huge number", Array(#"{"model":"echo","input":"x","temperature":1e999}"#.utf8)),
            (
                "a huge integer",
                Array(#"{"model":"echo","input":"x","max_output_tokens":99999999999999999999999}"#.utf8)
            ),
            (
                "a long number",
                Array(#"{"model":"echo","input":"x","top_p":"#.utf8) + [UInt8](repeating: 57, count: 1 << 20) + [125]
            ),
            ("two documents", body("\"x\"") + body("\"y\"")),
            ("nothing", []),
            ("an array", Array("[]".utf8)),
            ("not a number", Array(#"{"model":"echo","input":"x","temperature":NaN}"#.utf8)),
        ]
        for (what, bytes) in bodies {
            for stream in [false, true] where !stream || bytes.count < 1 << 20 {
                let answer = try server.ask("POST", "/v1/responses", body: bytes)
                #expect(answer.status == 400, "\(what): \(answer.status) \(answer.json.text.prefix(300))")
                #expect(answer.error["type"] == "invalid_request_error", "\(what)")
                #expect(answer.error["message"]?.string?.isEmpty == false, "\(what)")
            }
            #expect(try server.get("/health").status == 200, "\(what)")
        }
    }

    @Test("a body over the limit is a 413, of another type a 415, of an unknown model a 404")
    func limits() throws {
        let server = try ServerProcess(Setup(store: nil).with(sections: "server: {limits: {body: 64KiB}}"))
        #expect(
            try server.ask("POST", "/v1/responses", body: body("\"" + String(repeating: "a", count: 70_000) + "\""))
                .status == 413)
        let text = try server.ask("POST", "/v1/responses", body: body("\"x\""), headers: ["Content-Type": "text/plain"])
        #expect(text.status == 415)
        #expect(try server.get("/health").status == 200)
    }

    @Test("malformed items are refused by their path")
    func paths() throws {
        let server = try ServerProcess(Setup(store: nil))
        let cases: [(JSON, String)] = [
            ([["role": "user", "content": "x"], 7], "input[1]"),
            ([["role": "stranger", "content": "x"]], "input[0].role"),
            ([["role": "user"]], "input[0].content"),
            (
                [["role": "user", "content": [["type": "input_image", "image_url": 7]]]],
                "input[0].content[0].image_url"
            ),
            (
                [["role": "user", "content": [["type": "input_image", "image_url": "file:///etc/passwd"]]]],
                "input[0].content[0].image_url"
            ),
            (
                [["role": "user", "content": [["type": "input_text", "text": "a"], ["type": "no_such_part"]]]],
                "input[0].content[1].type"
            ),
            ([["type": "no_such_item"]], "input[0].type"),
            ([["type": "function_call", "call_id": "c", "name": "n"]], "input[0].arguments"),
            ([["type": "function_call_output", "output": "x"]], "input[0].call_id"),
        ]
        for (input, param) in cases {
            for streamed in [false, true] {
                let answer = try server.respond("echo", input, streamed: streamed)
                #expect(answer.status == 400, "\(param)")
                #expect(answer.error["param"] == .string(param), "\(answer.error.text)")
            }
        }
        for (name, value) in [
            ("max_output_tokens", 15), ("temperature", 3), ("tools", 1), ("metadata", [1]), ("top_logprobs", 21),
        ] as [(String, JSON)] {
            let answer = try server.respond("echo", "x", .object([name: value]))
            #expect(answer.status == 400)
            #expect(answer.error["param"] == .string(name))
        }
    }

    @Test("an unknown model is a 404 that names it")
    func unknownModel() throws {
        let server = try ServerProcess(
            """
            plugins: [{name: scripted, library: libpatchbay_scripted.so}]
            models: [{name: echo, provider: scripted}]
            """)
        let answer = try server.respond("nobody", "x")
        #expect(answer.status == 404)
        #expect(answer.error["code"] == "model_not_found")
        #expect(answer.error["message"]?.string?.contains("nobody") == true)
        let list = try server.get("/v1/models")
        #expect(list.json["data"]?.elements.map { $0["id"] } == ["echo"])
    }
}
