// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct ResponsesRequestTests {
    private func read(_ body: String) throws -> Request {
        try ResponsesFormat().request(from: Array(body.utf8))
    }

    private func input(_ items: String) throws -> [Item] {
        try read(#"{"model":"m","input":\#(items)}"#).input
    }

    @Test(arguments: [
        (#"{"model":"m""#, nil, "invalid_json"),
        (#"[]"#, nil, "invalid_json"),
        (#"{"model":"m","model":"n","input":"x"}"#, nil, "invalid_json"),
        (#"{"input":"x"}"#, "model", "missing_required_parameter"),
        (#"{"model":5,"input":"x"}"#, "model", "invalid_type"),
        (#"{"model":"","input":"x"}"#, "model", "invalid_value"),
        (#"{"model":"m"}"#, "input", "missing_required_parameter"),
        (#"{"model":"m","input":7}"#, "input", "invalid_type"),
        (#"{"model":"m","input":"x","stream":"yes"}"#, "stream", "invalid_type"),
        (#"{"model":"m","input":"x","store":1}"#, "store", "invalid_type"),
        (#"{"model":"m","input":"x","max_output_tokens":15}"#, "max_output_tokens", "integer_below_min_value"),
        (#"{"model":"m","input":"x","max_output_tokens":1.5}"#, "max_output_tokens", "invalid_type"),
        (#"{"model":"m","input":"x","temperature":2.1}"#, "temperature", "decimal_above_max_value"),
        (#"{"model":"m","input":"x","top_p":-0.1}"#, "top_p", "decimal_below_min_value"),
        (#"{"model":"m","input":"x","top_logprobs":21}"#, "top_logprobs", "integer_above_max_value"),
        (#"{"model":"m","input":"x","metadata":{"a":1}}"#, "metadata.a", "invalid_type"),
        (#"{"model":"m","input":"x","metadata":[]}"#, "metadata", "invalid_type"),
        (#"{"model":"m","input":"x","truncation":"maybe"}"#, "truncation", "invalid_value"),
        (#"{"model":"m","input":"x","include":["a",1]}"#, "include[1]", "invalid_type"),
        (#"{"model":"m","input":"x","text":{"format":{"type":"yaml"}}}"#, "text.format.type", "invalid_value"),
        (#"{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n"}}}"#, "text.format.schema", "missing_required_parameter"),
        (#"{"model":"m","input":"x","tools":[{"type":"function"}]}"#, "tools[0].name", "missing_required_parameter"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"a b"}]}"#, "tools[0].name", "invalid_value"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"f","parameters":[]}]}"#, "tools[0].parameters", "invalid_type"),
        (#"{"model":"m","input":"x","tools":[1]}"#, "tools[0]", "invalid_type"),
        (#"{"model":"m","input":"x","tool_choice":"always"}"#, "tool_choice", "invalid_value"),
        (#"{"model":"m","input":"x","include":["everything"]}"#, "include[0]", "invalid_value"),
        (#"{"model":"m","input":"x","text":{"verbosity":"loud"}}"#, "text.verbosity", "invalid_value"),
        (#"{"model":"m","input":"x","reasoning":{"summary":"long"}}"#, "reasoning.summary", "invalid_value"),
        (#"{"model":"m","input":"x","reasoning":{"effort":3}}"#, "reasoning.effort", "invalid_type"),
        (#"{"model":"m","input":"x","stream_options":{"include_obfuscation":1}}"#, "stream_options.include_obfuscation", "invalid_type"),
        (#"{"model":"m","input":"x","service_tier":7}"#, "service_tier", "invalid_type"),
        (#"{"model":"m","input":"x","prompt":{"version":"1"}}"#, "prompt.id", "missing_required_parameter"),
        (#"{"model":"m","input":"x","prompt_cache_retention":"1h"}"#, "prompt_cache_retention", "invalid_value"),
        (#"{"model":"m","input":"x","prompt_cache_options":[]}"#, "prompt_cache_options", "invalid_type"),
        (#"{"model":"m","input":"x","moderation":{}}"#, "moderation.model", "missing_required_parameter"),
        (#"{"model":"m","input":"x","access_programs":1}"#, "access_programs", "invalid_type"),
        (#"{"model":"m","input":"x","image":1}"#, "image", "invalid_type"),
        (#"{"model":"m","input":"x","instructions":[]}"#, "instructions", "invalid_type"),
        (#"{"model":"m","input":"x","parallel_tool_calls":"no"}"#, "parallel_tool_calls", "invalid_type"),
        (#"{"model":"m","input":"x","max_tool_calls":0}"#, "max_tool_calls", "integer_below_min_value"),
        (#"{"model":"m","input":"x","presence_penalty":3}"#, "presence_penalty", "decimal_above_max_value"),
        (#"{"model":"m","input":"x","frequency_penalty":-3}"#, "frequency_penalty", "decimal_below_min_value"),
        (#"{"model":"m","input":"x","user":1}"#, "user", "invalid_type"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false}}]}"#, "tools[0].parameters.properties.a.additionalProperties", "invalid_function_parameters"),
        (#"{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}}}}"#, "text.format.schema.required", "invalid_json_schema"),
        (#"{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"a b","schema":{}}}}"#, "text.format.name", "invalid_value"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]}}"#, "tool_choice.tools", "invalid_value"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"never","tools":[{"type":"function","name":"f"}]}}"#, "tool_choice.mode", "invalid_value"),
        (#"{"model":"m","input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function"}]}}"#, "tool_choice.tools[0].name", "missing_required_parameter"),
        (#"{"model":"m","input":"x","background":true,"store":false}"#, "background", "background_not_stored"),
        (#"{"model":"m","input":"x","conversation":7}"#, "conversation", "invalid_type"),
        (#"{"model":"m","input":"x","conversation":""}"#, "conversation", "invalid_value"),
        (#"{"model":"m","input":"x","conversation":{}}"#, "conversation.id", "missing_required_parameter"),
        (#"{"model":"m","input":"x","conversation":{"id":1}}"#, "conversation.id", "invalid_type"),
        (#"{"model":"m","input":"x","conversation":"conv_1","store":false}"#, "store", "conversation_requires_store"),
        (#"{"model":"m","input":"x","conversation":"conv_1","previous_response_id":"resp_1"}"#, "conversation", "mutually_exclusive_parameters"),
    ] as [(String, String?, String)])
    func `a request that is wrong is refused by its path`(body: String, param: String?, code: String) {
        let error = #expect(throws: GatewayError.self) { try read(body) }
        #expect(error?.kind == .invalidRequest && error?.param == param && error?.code == code)
        #expect(error?.message.isEmpty == false)
    }

    @Test(arguments: [
        (#"[1]"#, "input[0]"),
        (#"[{}]"#, "input[0].type"),
        (#"[{"type":"strange"}]"#, "input[0].type"),
        (#"[{"role":"robot","content":"x"}]"#, "input[0].role"),
        (#"[{"role":"user"}]"#, "input[0].content"),
        (#"[{"role":"user","content":5}]"#, "input[0].content"),
        (#"[{"role":"user","content":[{"type":"input_text"}]}]"#, "input[0].content[0].text"),
        (#"[{"role":"user","content":"x"},{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"nonsense"}]}]"#, "input[1].content[1].type"),
        (#"[{"role":"user","content":[{"type":"input_image"}]}]"#, "input[0].content[0].image_url"),
        (#"[{"role":"user","content":[{"type":"input_image","image_url":{"url":"x"}}]}]"#, "input[0].content[0].image_url"),
        (#"[{"role":"user","content":[{"type":"input_image","image_url":"file:///etc/passwd"}]}]"#, "input[0].content[0].image_url"),
        (#"[{"role":"user","content":[{"type":"input_file"}]}]"#, "input[0].content[0].file_id"),
        (#"[{"role":"user","content":["x"]}]"#, "input[0].content[0]"),
        (#"[{"type":"function_call","name":"f","arguments":"{}"}]"#, "input[0].call_id"),
        (#"[{"type":"function_call","call_id":"c","arguments":"{}"}]"#, "input[0].name"),
        (#"[{"type":"function_call","call_id":"c","name":"f"}]"#, "input[0].arguments"),
        (#"[{"type":"function_call_output","call_id":"c"}]"#, "input[0].output"),
        (#"[{"type":"function_call_output","call_id":"c","output":{"a":1}}]"#, "input[0].output"),
        (#"[{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":4}]}]"#, "input[0].output[0].text"),
        (#"[{"type":"reasoning","summary":"x"}]"#, "input[0].summary"),
        (#"[{"type":"item_reference"}]"#, "input[0].id"),
        (#"[{"role":"user","content":"x","id":"a b"}]"#, "input[0].id"),
        (#"[{"role":"user","content":"x","id":7}]"#, "input[0].id"),
    ])
    func `an item that is wrong is refused by its path`(items: String, param: String) {
        let error = #expect(throws: GatewayError.self) { try input(items) }
        #expect(error?.kind == .invalidRequest && error?.param == param, "\(String(describing: error))")
    }

    @Test(arguments: [
        "additional_tools", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call",
        "compaction_trigger", "computer_call", "computer_call_output", "configuration_update", "custom_tool_call",
        "custom_tool_call_output", "file_search_call", "image_generation_call", "local_shell_call",
        "local_shell_call_output", "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools",
        "program", "program_output", "shell_call", "shell_call_output", "tool_search_call", "tool_search_output",
        "web_search_call", "vendor:anything",
    ])
    func `what isn't interpreted is kept as it came`(type: String) throws {
        let rest = #""x": [1, 2.50, {"y":null}],"z":"ü\u00fc""#
        let item = try #require(try input(#"[{"type":"\#(type)","id":"it_1",\#(rest)}]"#).first)
        #expect(item.id == "it_1" && item.type == type)
        #expect(String(decoding: item.body, as: UTF8.self) == #"{"type":"\#(type)","x":[1, 2.50, {"y":null}],"z":"ü\u00fc"}"#)
    }

    @Test func `a string is a user's message`() throws {
        let item = try #require(try input(#""hi""#).first)
        #expect(item.kind == .message(role: "user") && item.id?.hasPrefix("msg_") == true)
        #expect(String(decoding: item.body, as: UTF8.self)
            == #"{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}"#)
    }

    @Test func `content is always parts, and text takes its role's name`() throws {
        let items = try input(#"[{"role":"assistant","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}],"x":1}]"#)
        #expect(items.map { String(decoding: $0.body, as: UTF8.self) } == [
            #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[]}]}"#,
            #"{"type":"message","role":"user","x":1,"content":[{"type":"input_text","text":"b"}]}"#,
        ])
    }

    @Test func `unknown fields are carried, nulls are not`() throws {
        let request = try read(#"{"model":"m","input":"x","seed":7,"user":null,"new_thing":{"a": 1}}"#)
        #expect(request.fields.all.map(\.name) == ["seed", "new_thing"])
        #expect(request.fields["new_thing"] == Array(#"{"a": 1}"#.utf8))
        #expect(request.store && !request.stream)
    }

    @Test func `hostile bodies are refused, never a crash`() {
        let bodies = [
            String(repeating: "[", count: 5_000_000), String(repeating: #"{"a":"#, count: 1_000_000),
            #"{"model":"m","input":1e999}"#, #"{"model":"m","input":"x","n":\#(String(repeating: "9", count: 400))}"#,
            #"{"model":"m","input":\#(String(repeating: "[", count: 129))\#(String(repeating: "]", count: 129))}"#,
            "{\"model\":\"m\u{0}\",\"input\":\"x\"}", #"{"model":"m","input":"\ud800"}"#, "", "nul",
        ]
        for body in bodies {
            let error = #expect(throws: GatewayError.self) { try read(body) }
            #expect(error?.kind == .invalidRequest)
        }
        let error = #expect(throws: GatewayError.self) {
            try ResponsesFormat().request(from: Array(#"{"model":"m","input":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8))
        }
        #expect(error?.kind == .invalidRequest)
    }

    @Test(arguments: [
        ("metadata", 16, 17, "object_above_max_properties"), ("key", 64, 65, "string_above_max_length"), ("value", 512, 513, "string_above_max_length"),
        ("safety_identifier", 128, 129, "string_above_max_length"), ("prompt_cache_key", 64, 65, "string_above_max_length"), ("name", 64, 65, "string_above_max_length"),
    ])
    func `limits count characters, and hold on both sides`(what: String, most: Int, more: Int, code: String) throws {
        func body(_ count: Int) -> String {
            let text = String(repeating: what == "name" ? "n" : "ü", count: count)
            let field = switch what {
            case "metadata": "\"metadata\":{\((0..<count).map { "\"k\($0)\":\"v\"" }.joined(separator: ","))}"
            case "key": "\"metadata\":{\"\(text)\":\"v\"}"
            case "value": "\"metadata\":{\"k\":\"\(text)\"}"
            case "name": "\"tools\":[{\"type\":\"function\",\"name\":\"\(text)\"}]"
            default: "\"\(what)\":\"\(text)\""
            }
            return "{\"model\":\"m\",\"input\":\"x\",\(field)}"
        }
        _ = try read(body(most))
        #expect(#expect(throws: GatewayError.self) { try read(body(more)) }?.code == code)
    }

    @Test(arguments: [
        #""tool_choice":"none""#, #""tool_choice":"auto""#,
        #""tools":[{"type":"function","name":"f"}],"tool_choice":"required""#,
        #""tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f"}"#,
        #""tools":[{"type":"custom","name":"c"}],"tool_choice":{"type":"custom","name":"c"}"#,
        #""tools":[{"type":"mcp","server_label":"s"}],"tool_choice":{"type":"mcp","server_label":"s"}"#,
        #""tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"},{"type":"function","name":"f"}]}"#,
        #""stream_options":{"include_obfuscation":true},"text":{"verbosity":"low"},"reasoning":{"effort":"xhigh","summary":"auto","context":"auto"}"#,
        #""include":["reasoning.encrypted_content","message.output_text.logprobs","web_search_call.action.sources"],"top_logprobs":20"#,
        #""service_tier":"fast","prompt":{"id":"p","variables":{}},"prompt_cache_retention":"24h","moderation":{"model":"m"}"#,
    ])
    func `what the API has is taken and carried`(fields: String) throws {
        let request = try read("{\"model\":\"m\",\"input\":\"x\",\(fields)}")
        for name in ["tool_choice", "stream_options", "include", "service_tier", "prompt"] where fields.contains("\"\(name)\":") {
            #expect(request.fields[name] != nil)
        }
    }
}
