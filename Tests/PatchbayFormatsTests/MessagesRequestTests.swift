// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct MessagesRequestTests {
    private let format = MessagesFormat()

    private func read(_ body: String) throws -> Request { try format.read(Array(body.utf8)).request }

    private func request(_ fields: String, messages: String = #"[{"role":"user","content":"x"}]"#) throws -> Request {
        try read(#"{"model":"m","max_tokens":9,"messages":\#(messages)\#(fields)}"#)
    }

    private func items(_ messages: String, system: String = "") throws -> [String] {
        try request(system, messages: messages).input.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test("what is malformed is refused by its path", arguments: [
        (#"{"model":"m""#, nil, "invalid_json"),
        (#"[]"#, nil, "invalid_json"),
        (#"{"max_tokens":9,"messages":[{"role":"user","content":"x"}]}"#, "model", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#, "max_tokens", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9}"#, "messages", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"messages":[]}"#, "messages", "empty_array"),
        (#"{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":[]}]}"#, "messages", "empty_array"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"tool","content":"x"}]}"#, "messages[0].role", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user"}]}"#, "messages[0].content", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"video"}]}]}"#, "messages[0].content[0].type", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "messages[0].content[0].text", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}]}"#, "messages[0].content[0].type", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f"}]}]}"#, "messages[0].content[0].input", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"image","source":{"type":"url","url":"https://a"}}]}]}"#, "messages[0].content[0].type", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"QQ=="}}]}]}"#, "messages[0].content[0].source.media_type", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"file:///etc"}}]}]}"#, "messages[0].content[0].source.url", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}"#, "messages[0].content[0].tool_use_id", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"system":5,"messages":[{"role":"user","content":"x"}]}"#, "system", "invalid_type"),
        (#"{"model":"m","max_tokens":9,"system":[{"type":"image"}],"messages":[{"role":"user","content":"x"}]}"#, "system[0].type", "invalid_value"),
        (#"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#, "max_tokens", "integer_below_min_value"),
        (#"{"model":"m","max_tokens":9,"temperature":1.5,"messages":[{"role":"user","content":"x"}]}"#, "temperature", "decimal_above_max_value"),
        (#"{"model":"m","max_tokens":9,"stop_sequences":[5],"messages":[{"role":"user","content":"x"}]}"#, "stop_sequences[0]", "invalid_type"),
        (#"{"model":"m","max_tokens":9,"thinking":{"type":"enabled"},"messages":[{"role":"user","content":"x"}]}"#, "thinking.budget_tokens", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"thinking":{"type":"on"},"messages":[{"role":"user","content":"x"}]}"#, "thinking.type", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"tools":[{"name":"f"}],"messages":[{"role":"user","content":"x"}]}"#, "tools[0].input_schema", "missing_required_parameter"),
        (#"{"model":"m","max_tokens":9,"tools":[{"name":"a b","input_schema":{}}],"messages":[{"role":"user","content":"x"}]}"#, "tools[0].name", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"tool_choice":{"type":"any"},"messages":[{"role":"user","content":"x"}]}"#, "tool_choice", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"tool_choice":{"type":"tool","name":"f"},"messages":[{"role":"user","content":"x"}]}"#, "tool_choice.name", "invalid_value"),
        (#"{"model":"m","max_tokens":9,"output_config":{"format":{"type":"json_schema"}},"messages":[{"role":"user","content":"x"}]}"#, "output_config.format.schema", "missing_required_parameter"),
    ] as [(String, String?, String)])
    func malformed(_ body: String, param: String?, code: String) throws {
        let error = #expect(throws: GatewayError.self) { try read(body) }
        #expect(error?.param == param && error?.code == code && error?.kind == .invalidRequest, "\(body) \(String(describing: error))")
    }

    @Test func `blocks become items, and keep their marks`() throws {
        let items = try items(#"""
            [{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}},{"type":"document","title":"t","source":{"type":"url","url":"https://a/b.pdf"}},{"type":"document","title":"t","source":{"type":"text","media_type":"text/plain","data":"d"}}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"secret"},{"type":"thinking","thinking":"short","signature":"summary:ENC"},{"type":"text","text":"I look"},{"type":"tool_use","id":"c1","name":"f","input":{"a":1}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,"content":[{"type":"text","text":"42"},{"type":"image","source":{"type":"url","url":"https://a"}}]},{"type":"text","text":"go on"},{"type":"search_result","source":"s"}]},
            {"role":"assistant","content":"fine"}]
            """#, system: #","system":[{"type":"text","text":"be kind","cache_control":{"type":"ephemeral"}}]"#)
        #expect(items == [
            #"{"type":"message","role":"system","content":[{"type":"input_text","text":"be kind","cache_control":{"type":"ephemeral"}}]}"#,
            #"{"type":"message","role":"user","content":[{"type":"input_text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"input_image","image_url":"data:image/png;base64,QQ=="},{"type":"input_file","filename":"t","file_url":"https://a/b.pdf"},{"type":"input_text","text":"t\n\nd"}]}"#,
            #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"sig"}"#,
            #"{"type":"reasoning","summary":[],"encrypted_content":"secret"}"#,
            #"{"type":"reasoning","summary":[{"type":"summary_text","text":"short"}],"encrypted_content":"ENC"}"#,
            #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look","annotations":[]}]}"#,
            #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#,
            #"{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"42"},{"type":"input_image","image_url":"https://a"}],"is_error":true}"#,
            #"{"type":"message","role":"user","content":[{"type":"input_text","text":"go on"},{"type":"anthropic:search_result","source":"s"}]}"#,
            #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"fine","annotations":[]}]}"#,
        ])
    }

    @Test func `thinking whose signature says so is a summary of reasoning that only its maker can read`() throws {
        let items = try items(#"""
            [{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"summary:secret"},{"type":"text","text":"a"}]}]
            """#)
        #expect(items[1] == #"{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"secret"}"#)
    }

    @Test(arguments: [#"{"type":"create"}"#, #"{"type":"continue","previous_message_id":"msg_1"}"#])
    func `a thread is refused so that Anthropic's client goes on without it`(thread: String) throws {
        let body = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"thread":\#(thread)}"#
        let error = try #require(#expect(throws: GatewayError.self) { try read(body) })
        #expect(error.code == "unsupported_parameter" && error.kind == .invalidRequest)
        let written = String(decoding: format.body(of: error), as: UTF8.self)
        #expect(written.hasSuffix(#","param":"thread","details":{"error_code":"thread_unsupported_request","unsupported":["thread"]}}}"#))
        #expect(try read(body.replacing(thread, with: "null")).fields["anthropic"] == nil)
    }

    @Test func `a block's own id and what a text cites are kept`() throws {
        let items = try items(#"""
            [{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},{"type":"text","text":"ab","citations":[{"type":"web_search_result_location","url":"u","encrypted_index":"E"},{"type":"char_location","document_index":0}]}]}]
            """#)
        #expect(items.dropFirst() == [
            #"{"type":"anthropic:server_tool_use","call_id":"srvtoolu_1","name":"web_search","input":{}}"#,
            #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"ab","annotations":[{"type":"url_citation","url":"u","encrypted_index":"E","start_index":0,"end_index":2},{"type":"anthropic:char_location","document_index":0,"start_index":0,"end_index":2}]}]}"#,
        ])
    }

    @Test func `settings get the hub's names, and what is Anthropic's alone stays together`() throws {
        let request = try request(#","stop_sequences":["a"],"top_k":4,"metadata":{"user_id":"u"},"thinking":{"type":"enabled","budget_tokens":5000},"tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search"}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"context_management":{"edits":[]},"stream":true"#)
        func field(_ name: String) -> String? { request.fields[name].map { String(decoding: $0, as: UTF8.self) } }
        #expect(field("max_output_tokens") == "9" && field("stop") == #"["a"]"# && field("top_k") == "4" && field("user") == #""u""#)
        #expect(field("reasoning") == #"{"effort":"medium","summary":"auto"}"# && field("parallel_tool_calls") == "false")
        #expect(field("tools") == #"[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"cache_control":{"type":"ephemeral"}},{"type":"web_search_20250305","name":"web_search"}]"#)
        #expect(field("tool_choice") == #"{"type":"function","name":"f"}"#)
        #expect(field("include") == #"["reasoning.encrypted_content"]"#)
        #expect(field("anthropic") == #"{"thinking":{"type":"enabled","budget_tokens":5000},"context_management":{"edits":[]}}"#)
        #expect(field("context_management") == nil && request.stream && !request.store && request.compaction == nil)
    }

    @Test(arguments: [
        (#""thinking":{"type":"disabled"},"output_config":{"effort":"high"}"#, nil, false),
        (#""thinking":{"type":"adaptive"}"#, #"{"summary":"auto"}"#, true),
        (#""thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"high"}"#, #"{"effort":"high","summary":"auto"}"#, true),
        (#""thinking":{"type":"enabled","budget_tokens":1024,"display":"omitted"}"#, #"{"effort":"low"}"#, true),
        (#""thinking":{"type":"adaptive","display":"omitted"}"#, nil, true),
        (#""output_config":{"effort":"high"}"#, #"{"effort":"high"}"#, true),
        (#""temperature":1"#, nil, false),
    ] as [(String, String?, Bool)])
    func `other providers' models are asked to think, and for their thoughts, as thinking says`(
        settings: String, reasoning: String?, includes: Bool
    ) throws {
        let fields = try request(",\(settings)").fields
        func text(_ name: String) -> String? { fields[name].map { String(decoding: $0, as: UTF8.self) } }
        #expect(text("reasoning") == reasoning)
        #expect(text("include") == (includes ? #"["reasoning.encrypted_content"]"# : nil))
        #expect(text("anthropic") == (settings.contains("temperature") ? nil : "{\(settings)}"))
    }

    @Test func `a signature or data with nothing in it is none`() throws {
        for nothing in ["", "summary:", "signature:"] {
            let items = try items(#"[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"\#(nothing)"},{"type":"redacted_thinking","data":"\#(nothing)"}]}]"#)
            #expect(items.count == 3 && items.allSatisfy { !$0.contains("encrypted_content") }, "\(items)")
        }
    }

    @Test func `a count needs no max_tokens`() throws {
        #expect(try format.count(from: Array(#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#.utf8)).request.input.count == 1)
    }

    @Test func `an error of the hub names the block that it is about`() throws {
        let options = try format.read(Array(#"{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"text","text":"y"},{"type":"tool_use","id":"c","name":"f","input":{}}]}]}"#.utf8)).options
        let error = format.localised(.invalid("no", param: "input[3].call_id"), options)
        #expect(error.param == "messages[1].content[1]" && error.message == "messages[1].content[1]: no")
        #expect(format.localised(.invalid("no", param: "input[0]"), options).param == "system")
        #expect(format.localised(.invalid("no", param: "max_output_tokens"), options).param == "max_tokens")
    }
}
