import Testing

/// Guard in the server: what each rule answers, and how a stream ends that had begun.
@Suite("Bundled hooks: Guard")
struct BundledGuardTests {
    private static func server(_ config: String, tools: [String] = [], options: String = ", budget: 10s") throws
        -> ServerProcess
    {
        try HookSetup(hooks: [(.guarding, config)], tools: tools, options: options).start()
    }

    private static func refused(_ answer: Answer, _ status: Int, _ code: JSON, _ param: JSON, _ message: String) {
        #expect(answer.status == status, "\(answer.json.text)")
        #expect(answer.error["code"] == code, "\(answer.json.text)")
        #expect(answer.error["param"] == param, "\(answer.json.text)")
        #expect(answer.error["message"]?.string == message, "\(answer.json.text)")
    }

    private static func tool(_ name: String) -> JSON {
        ["type": "function", "name": .string(name), "parameters": ["type": "object", "properties": [:]]]
    }

    private static let image: JSON = ["type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="]

    @Test("models and tools that aren't allowed", arguments: [false, true])
    func names(streamed: Bool) throws {
        let server = try Self.server(
            "{models: {allow: [echo, 'c*'], deny: [count], message: Not here.}, tools: {deny: ['rm*']}}")
        #expect(try server.respond("echo", "x", streamed: streamed).text == "x")
        for model in ["dump", "count"] {
            let answer = try server.respond(model, "x", streamed: streamed)
            Self.refused(answer, 404, "model_not_found", "model", "Not here.")
        }
        let tools: JSON = ["tools": [Self.tool("ls"), Self.tool("rm_all")]]
        let answer = try server.respond("echo", "x", streamed: streamed, tools)
        Self.refused(answer, 400, "unsupported", "tools[1].name", "This tool isn't allowed here.")
        #expect(try server.counts(of: .guarding)["rejections"] == 3)
        #expect(try server.counts(of: .guarding)["failures"] == 0)
    }

    @Test("limits", arguments: [false, true])
    func limits(streamed: Bool) throws {
        let server = try Self.server(
            "{limits: {input_bytes: 600, items: 2, images: 1, tools: 1, output_tokens: 100}}")
        let ask = { (input: JSON, fields: JSON) in try server.respond("echo", input, streamed: streamed, fields) }
        let item: JSON = ["role": "user", "content": "hello"]
        #expect(try ask([item, item], ["max_output_tokens": 100, "tools": [Self.tool("a")]]).status == 200)
        Self.refused(
            try ask(.string(String(repeating: "x", count: 1000)), [:]), 400, "context_length_exceeded", "input",
            "The input and the instructions are bounded to 600 bytes here.")
        Self.refused(
            try ask([item, item, item], [:]), 400, "request_rejected", "input",
            "Items of the input are bounded to 2 here.")
        let images: JSON = [["role": "user", "content": [Self.image, Self.image]]]
        Self.refused(try ask(images, [:]), 400, "request_rejected", "input", "Images are bounded to 1 here.")
        Self.refused(
            try ask([item], ["tools": [Self.tool("a"), Self.tool("b")]]), 400, "request_rejected", "tools",
            "Tools are bounded to 1 here.")
        Self.refused(
            try ask([item], ["max_output_tokens": 101]), 400, "request_rejected", "max_output_tokens",
            "Output tokens are bounded to 100 here.")
    }

    @Test("texts, by patterns and words, with a message each; the log has the rule and nothing that was said")
    func texts() throws {
        let server = try Self.server(
            "{texts: {deny: ['secret\\s+plan', {words: [Confidential], message: Not out of this house.}], allow: ['^(About|secret)'], from: [user, instructions]}}"
        )
        #expect(try server.respond("echo", "About cats").status == 200)
        let line = server.log.count
        Self.refused(
            try server.respond("echo", "About the secret  plan of Zanzibar"), 400, "request_rejected",
            "input[0].content[0].text",
            "The request's text isn't allowed here.")
        Self.refused(
            try server.respond("echo", "About x", ["instructions": "it is CONFIDENTIAL"]), 400, "request_rejected",
            "instructions",
            "Not out of this house.")
        Self.refused(
            try server.respond("echo", "Something else"), 400, "request_rejected", "input[0].content[0].text",
            "The request's text isn't about anything that is allowed here.")
        _ = try server.log.wait("the rule", from: line) { $0.contains("texts.deny[0]") ? true : nil }
        #expect(!server.log.text.contains("Zanzibar"))
    }

    @Test("an answer that breaks a rule ends: a status before the first byte, else error and response.failed")
    func answers() throws {
        let server = try Self.server("{answers: {deny: [{pattern: 'step \\d+ of the recipe', message: No recipes.}]}}")
        let text = "well here comes step 42 of the recipe and more"
        let whole = try server.respond("echo", .string(text))
        #expect(whole.status == 400 && whole.error["message"] == "No recipes.", "\(whole.json.text)")
        let streamed = try server.respond("slow", .string(text), streamed: true)
        #expect(streamed.status == 200)
        #expect(streamed.events.suffix(2).map(\.name) == ["error", "response.failed"])
        #expect(streamed.events.suffix(2).first?.json["message"] == "No recipes.", "\(streamed.events.suffix(2))")
        #expect(streamed.json["status"] == "failed" && streamed.error["message"] == "No recipes.")
        let deltas = streamed.events.compactMap {
            $0.name == "response.output_text.delta" ? $0.json["delta"]?.string : nil
        }
        #expect(deltas.joined().hasPrefix("well here comes") && !deltas.joined().contains("more"))
        #expect(try server.respond("slow", "every 1 good word", streamed: true).text == "every 1 good word")
    }

    @Test("a server's tool that isn't allowed: the answer ends, or the model is told", arguments: [false, true])
    func calls(tell: Bool) throws {
        let server = try Self.server(
            "{tools: {deny: [say], message: Never that one., on_call: \(tell ? "tell" : "reject")}}",
            tools: ["{plugin: kit}"])
        let answer = try server.respond("tool", #"{"text": "a"}"#, streamed: true)
        if tell {
            #expect(answer.text == "Never that one." && answer.json["status"] == "completed", "\(answer.json.text)")
        } else {
            #expect(answer.json["status"] == "failed" && answer.error["message"] == "Never that one.")
        }
        // The model may call the other one.
        #expect(try server.respond("tool", "x", ["tool_choice": ["type": "function", "name": "lose"]]).status == 200)
    }

    @Test("a model is asked, about the input and the answer", arguments: [false, true])
    func moderation(streamed: Bool) throws {
        let server = try Self.server(
            "{moderation: {model: echo, instructions: Decide., block_if: '(?i)weapon', on: both, message: Not about that.}}"
        )
        #expect(try server.respond("echo", "a garden", streamed: streamed).text == "a garden")
        Self.refused(
            try server.respond("echo", "a Weapon", streamed: streamed), 400, "request_rejected", nil, "Not about that.")
        // The user says nothing of it, and the answer does; what was streamed stays sent.
        let answer = try server.respond("dump", "x", streamed: streamed, ["metadata": ["weapon": "y"]])
        #expect(answer.status == (streamed ? 200 : 400))
        #expect(answer.error["message"] == "Not about that." && answer.error["code"] == "request_rejected")
        if streamed { #expect(answer.events.suffix(2).map(\.name) == ["error", "response.failed"]) }
        #expect(try server.counts(of: .guarding)["rejections"] == 2)
    }

    @Test("a moderation that decides nothing, fails or is late, is the hook's failure, and on_error counts")
    func undecided() throws {
        let rule = "{moderation: {model: MODEL, instructions: Decide., block_if: {field: blocked}}}"
        for (model, options, code) in [
            ("echo", "", "hook_failed"), ("fail", "", "hook_failed"), ("hang", ", budget: 100ms", "hook_timeout"),
            ("echo", ", on_error: fail_open", nil), ("hang", ", budget: 100ms, on_error: fail_open", nil),
        ] {
            let server = try Self.server(rule.replacing("MODEL", with: model), options: options)
            let answer = try server.respond("echo", "x")
            #expect(answer.error["code"]?.string == code, "\(model) \(options): \(answer.json.text)")
            #expect(answer.status == (code == nil ? 200 : code == "hook_failed" ? 500 : 504))
            let counts = try server.counts(of: .guarding)
            // One that goes on fails again where the history is looked at, unless it still owes its verdict.
            let expected: JSON = code == nil && model == "echo" ? 2 : 1
            #expect(counts[model == "hang" ? "timeouts" : "failures"] == expected, "\(counts.text)")
            if model == "echo" {
                #expect(try server.respond("echo", #"{"blocked": false}"#).status == 200)
                #expect(try server.respond("echo", #"{"blocked": true}"#).status == 400)
            }
        }
    }

    @Test("embeddings are judged too, whatever other fields the client sends")
    func embeddings() throws {
        let server = try Self.server("{texts: {deny: [{words: [confidential]}]}}")
        let ask = { (text: String) in
            let body: JSON = [
                "model": "echo", "input": ["a", .string(text)], "store": true, "background": false, "truncation": true,
            ]
            return try server.ask("POST", "/v1/embeddings", body: Array(body.text.utf8))
        }
        #expect(try ask("plain").status == 200)
        Self.refused(
            try ask("It is Confidential."), 400, "request_rejected", "input[1].content[0].text",
            "The request's text isn't allowed here.")
    }
}
