// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct ChatRequestTests {
    private func read(_ body: String) throws -> Request {
        try ChatFormat().read(Array(body.utf8)).request
    }

    private func request(_ fields: String, messages: String = #"[{"role":"user","content":"x"}]"#) throws -> Request {
        try read(#"{"model":"m","messages":\#(messages)\#(fields)}"#)
    }

    private func items(_ messages: String) throws -> [String] {
        try request("", messages: messages).input.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test("what is malformed is refused by its path", arguments: [
        (#"{"model":"m""#, nil, "invalid_json"),
        (#"[]"#, nil, "invalid_json"),
        (#"{"messages":[{"role":"user","content":"x"}]}"#, "model", "missing_required_parameter"),
        (#"{"model":"m"}"#, "messages", "missing_required_parameter"),
        (#"{"model":"m","messages":[]}"#, "messages", "empty_array"),
        (#"{"model":"m","messages":[{"role":"assistant","content":""}]}"#, "messages", "empty_array"),
        (#"{"model":"m","messages":"x"}"#, "messages", "invalid_type"),
        (#"{"model":"m","messages":[1]}"#, "messages[0]", "invalid_type"),
        (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"king","content":"x"}]}"#, "messages[0].role", "invalid_value"),
        (#"{"model":"m","messages":[{"role":"function","name":"f","content":"x"}]}"#, "messages[0].role", "unsupported_parameter"),
        (#"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"user","content":5}]}"#, "messages[0].content", "invalid_type"),
        (#"{"model":"m","messages":[{"role":"user","content":["x"]}]}"#, "messages[0].content[0]", "invalid_type"),
        (#"{"model":"m","messages":[{"role":"user","content":[{"type":"video"}]}]}"#, "messages[0].content[0].type", "invalid_value"),
        (#"{"model":"m","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://a"}}]}]}"#, "messages[0].content[0].type", "invalid_value"),
        (#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://a"}}]}]}"#, "messages[0].content[0].image_url.url", "invalid_value"),
        (#"{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}"#, "messages[0].content[0].file.file_data", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav"}}]}]}"#, "messages[0].content[0].input_audio.data", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"assistant"}]}"#, "messages[0].content", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]}]}"#, "messages[0].tool_calls[0].id", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}]}]}"#, "messages[0].tool_calls[0].function.arguments", "missing_required_parameter"),
        (#"{"model":"m","messages":[{"role":"assistant","content":"x","function_call":{"name":"f","arguments":""}}]}"#, "messages[0].function_call", "unsupported_parameter"),
        (#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#, "messages[0].tool_call_id", "missing_required_parameter"),
    ] as [(String, String?, String)])
    func malformed(_ body: String, param: String?, code: String) throws {
        let error = #expect(throws: GatewayError.self) { try read(body) }
        #expect(error?.param == param && error?.code == code && error?.kind == .invalidRequest, "\(body)")
    }

    @Test("what is malformed among the settings is refused by its path", arguments: [
        (#","functions":[{"name":"f"}]"#, "functions", "unsupported_parameter"),
        (#","function_call":"auto""#, "function_call", "unsupported_parameter"),
        (#","audio":{"voice":"a","format":"wav"}"#, "audio", "unsupported_parameter"),
        (#","modalities":["text","audio"]"#, "modalities[1]", "unsupported"),
        (#","n":9"#, "n", "integer_above_max_value"),
        (#","n":0"#, "n", "integer_below_min_value"),
        (#","n":2,"store":true"#, "n", "unsupported"),
        (#","n":"1""#, "n", "invalid_type"),
        (#","max_tokens":0"#, "max_tokens", "integer_below_min_value"),
        (#","top_logprobs":3"#, "top_logprobs", "invalid_value"),
        (#","logprobs":true,"top_logprobs":21"#, "top_logprobs", "integer_above_max_value"),
        (#","temperature":3"#, "temperature", "decimal_above_max_value"),
        (#","stop":5"#, "stop", "invalid_type"),
        (#","stop":["a",5]"#, "stop[1]", "invalid_type"),
        (#","stream_options":{"include_usage":"yes"}"#, "stream_options.include_usage", "invalid_type"),
        (#","response_format":{"type":"xml"}"#, "response_format.type", "invalid_value"),
        (#","response_format":{"type":"json_schema"}"#, "response_format.json_schema", "missing_required_parameter"),
        (#","response_format":{"type":"json_schema","json_schema":{"name":"n"}}"#, "response_format.json_schema.schema", "missing_required_parameter"),
        (#","tools":[{"type":"function","name":"f"}]"#, "tools[0].function", "missing_required_parameter"),
        (#","tools":[{"type":"function","function":{"name":"a b"}}]"#, "tools[0].function.name", "invalid_value"),
        (#","tools":[{"type":"web_search"}]"#, "tools[0].type", "invalid_value"),
        (#","tool_choice":"required""#, "tool_choice", "invalid_value"),
        (#","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}}"#, "tool_choice.function.name", "invalid_value"),
        (#","tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g"}}]}}"#, "tool_choice.allowed_tools.tools[0].function", "invalid_value"),
    ] as [(String, String, String)])
    func settings(_ fields: String, param: String, code: String) throws {
        let error = #expect(throws: GatewayError.self) { try request(fields) }
        #expect(error?.param == param && error?.code == code, "\(fields) \(String(describing: error))")
    }

    @Test func `messages become items, an assistant's its reasoning, text and calls`() throws {
        let items = try items(#"""
            [{"role":"system","content":"be kind"},{"role":"user","name":"ann","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"https://a/b","detail":"low"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:,x"}},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]},
            {"role":"assistant","reasoning_content":"hm","content":"I look","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"custom","custom":{"name":"g","input":"x"}}]},
            {"role":"tool","tool_call_id":"c1","content":"42"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"43"}]},{"role":"assistant","content":null,"refusal":"no"}]
            """#)
        #expect(items == [
            #"{"type":"message","role":"system","content":[{"type":"input_text","text":"be kind"}]}"#,
            #"{"type":"message","role":"user","name":"ann","content":[{"type":"input_text","text":"what?"},{"type":"input_image","image_url":"https://a/b","detail":"low"},{"type":"input_file","filename":"a.pdf","file_data":"data:,x"},{"type":"input_audio","input_audio":{"data":"QQ==","format":"wav"}}]}"#,
            #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#,
            #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look","annotations":[]}]}"#,
            #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#,
            #"{"type":"custom_tool_call","call_id":"c2","name":"g","input":"x"}"#,
            #"{"type":"function_call_output","call_id":"c1","output":"42"}"#,
            #"{"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"43"}]}"#,
            #"{"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}"#,
        ])
    }

    @Test func `reasoning_details become the reasoning that they came from`() throws {
        let items = try items(#"""
            [{"role":"user","content":"x"},{"role":"assistant","reasoning_content":"short","content":"y","reasoning_details":[
            {"type":"reasoning.summary","id":"rs_1","summary":"short","index":0},{"type":"reasoning.encrypted","id":"rs_1","data":"ENC","index":1},
            {"type":"reasoning.text","text":"a","signature":"SIG","format":"anthropic-claude-v1"},{"type":"reasoning.text","id":null,"text":"b","signature":null}]},
            {"role":"assistant","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.encrypted","data":"OWN"}],"content":"z"}]
            """#)
        #expect(items.filter { $0.contains(#""type":"reasoning""#) } == [
            #"{"type":"reasoning","summary":[{"type":"summary_text","text":"short"}],"encrypted_content":"ENC"}"#,
            #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"}],"encrypted_content":"SIG"}"#,
            #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"b"}]}"#,
            #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#,
            #"{"type":"reasoning","summary":[],"encrypted_content":"OWN"}"#,
        ])
    }

    @Test func `a signature or data with nothing in it is none, and an item that holds nothing isn't there`() throws {
        for nothing in ["", "signature:"] {
            let items = try items(#"""
                [{"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_details":[
                {"type":"reasoning.text","id":"rs_1","text":"a","signature":"\#(nothing)"},{"type":"reasoning.text","id":"rs_1","text":"b","signature":"SIG"},
                {"type":"reasoning.encrypted","id":"rs_2","data":"\#(nothing)"}]}]
                """#)
            #expect(items.filter { $0.contains(#""type":"reasoning""#) } == [
                #"{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"},{"type":"reasoning_text","text":"b"}],"encrypted_content":"SIG"}"#,
            ])
        }
    }

    @Test func `a model that is to reason is asked for what it can go on from, and for no summary`() throws {
        for (settings, expected) in [
            (#","reasoning_effort":"high""#, #"["reasoning.encrypted_content"]"#), (#","reasoning_effort":"none""#, nil), ("", nil),
            (#","reasoning_effort":null"#, nil), (#","logprobs":true"#, #"["message.output_text.logprobs"]"#),
        ] as [(String, String?)] {
            let fields = try request(settings).fields
            #expect(fields["include"].map { String(decoding: $0, as: UTF8.self) } == expected, "\(settings)")
            #expect(fields["reasoning"].map { !String(decoding: $0, as: UTF8.self).contains("summary") } ?? true)
        }
    }

    @Test(arguments: [
        (#"7"#, "messages[0].reasoning_details", "invalid_type"), (#"[7]"#, "messages[0].reasoning_details[0]", "invalid_type"),
        (#"[{"type":"reasoning.other"}]"#, "messages[0].reasoning_details[0].type", "invalid_value"),
        (#"[{"type":"reasoning.encrypted"}]"#, "messages[0].reasoning_details[0].data", "missing_required_parameter"),
        (#"[{"type":"reasoning.text","text":7}]"#, "messages[0].reasoning_details[0].text", "invalid_type"),
    ] as [(String, String, String)])
    func `reasoning_details that can't be read are named by their place`(_ details: String, param: String, code: String) throws {
        let error = #expect(throws: GatewayError.self) { try items(#"[{"role":"assistant","content":"x","reasoning_details":\#(details)}]"#) }
        #expect(error?.param == param && error?.code == code, "\(details) \(String(describing: error))")
    }

    @Test func `settings get the hub's names, and unknown ones are carried`() throws {
        let request = try request(#","max_tokens":7,"max_completion_tokens":8,"reasoning_effort":"low","verbosity":"high","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":false}},"logprobs":true,"top_logprobs":2,"stop":["a"],"seed":1,"top_k":4,"stream":true,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"f"}},"previous_response_id":"resp_1","input":"x""#)
        func field(_ name: String) -> String? { request.fields[name].map { String(decoding: $0, as: UTF8.self) } }
        #expect(field("max_output_tokens") == "8" && field("reasoning") == #"{"effort":"low"}"#)
        #expect(field("text") == #"{"verbosity":"high","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":false}}"#)
        #expect(field("include") == #"["message.output_text.logprobs","reasoning.encrypted_content"]"# && field("top_logprobs") == "2")
        #expect(field("stop") == #"["a"]"# && field("seed") == "1" && field("top_k") == "4")
        #expect(field("tools") == #"[{"type":"function","name":"f","parameters":{"type":"object"}}]"#)
        #expect(field("tool_choice") == #"{"type":"function","name":"f"}"# && request.tools == [Tool(type: "function", name: "f")])
        #expect(field("messages") == nil && field("max_tokens") == nil && field("response_format") == nil)
        #expect(request.stream && !request.store && request.previousResponseID == nil && request.input.count == 1)
        #expect(try self.request(#","store":true"#).store)
    }

    @Test func `an error of the hub names the message that it is about`() throws {
        let format = ChatFormat()
        let options = try format.read(Array(#"{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"a","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"x"}]}"#.utf8)).options
        func param(_ path: String) -> String? { format.localised(.invalid("no", param: path), options).param }
        #expect(param("input[0].content[0].image_url") == "messages[0]" && param("input[2]") == "messages[1]")
        #expect(param("input[3].call_id") == "messages[2]" && param("max_output_tokens") == "max_completion_tokens")
        #expect(param("text.format.schema") == "response_format" && param("temperature") == "temperature")
    }
}
