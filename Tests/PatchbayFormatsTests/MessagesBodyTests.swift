// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct MessagesBodyTests {
    private let format = MessagesFormat()
    private let usage = #"{"input_tokens":6,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"cache_creation":null,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2},"server_tool_use":null,"service_tier":null,"inference_geo":null}"#
    private let noUsage = #"{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":null,"output_tokens":0,"output_tokens_details":{"thinking_tokens":0},"server_tool_use":null,"service_tier":null,"inference_geo":null}"#

    private func response(_ output: [Item] = [], status: Response.Status = .completed) throws -> (Response, MessagesFormat.Options) {
        let (request, options) = try format.read(Array(#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}"#.utf8))
        var response = Response(id: "resp_00ff", createdAt: 7, status: status, request: request)
        response.output = output
        response.usage = Usage(inputTokens: 10, cachedTokens: 4, outputTokens: 5, reasoningTokens: 2)
        return (response, options)
    }

    private func item(_ json: String) throws -> Item { try #require(Item(try JSONDocument.parse(Array(json.utf8)).root)) }

    @Test func `a message has a block for each part, and all details of its usage`() throws {
        let (response, options) = try response([
            item(#"{"id":"rs_1","type":"reasoning","status":"completed","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"sig"}"#),
            item(#"{"id":"rs_2","type":"reasoning","status":"completed","summary":[],"encrypted_content":"secret"}"#),
            item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]}]}"#),
            item(#"{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"a\":1}"}"#),
            item(#"{"id":"fc_2","type":"function_call","status":"completed","call_id":"c2","name":"f","arguments":"oops"}"#),
        ])
        #expect(String(decoding: format.body(of: response, options), as: UTF8.self) == #"{"id":"msg_00ff","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"secret"},{"type":"text","text":"a","citations":null},{"type":"tool_use","id":"c1","name":"f","input":{"a":1},"caller":{"type":"direct"}},{"type":"tool_use","id":"c2","name":"f","input":{"arguments":"oops"},"caller":{"type":"direct"}}],"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":\#(usage)}"#)
    }

    @Test func `a block of Anthropic's own, what a text cites and signed thinking that isn't shown come back as Anthropic's`() throws {
        let (response, options) = try response([
            item(#"{"id":"x_1","type":"anthropic:server_tool_use","call_id":"srvtoolu_1","name":"web_search","input":{}}"#),
            item(#"{"id":"rs_2","type":"reasoning","status":"completed","summary":[],"encrypted_content":"signature:S"}"#),
            item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"u","encrypted_index":"E","start_index":0,"end_index":1},{"type":"url_citation","url":"other"},{"type":"anthropic:char_location","document_index":0,"start_index":0,"end_index":1}],"logprobs":[]}]}"#),
        ])
        #expect(String(decoding: format.body(of: response, options), as: UTF8.self).contains(#""content":[{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},{"type":"thinking","thinking":"","signature":"S"},{"type":"text","text":"a","citations":[{"type":"web_search_result_location","url":"u","encrypted_index":"E"},{"type":"char_location","document_index":0}]}]"#))
    }

    @Test func `what a text cites is said in its block`() throws {
        let message = ItemReference(index: 0, id: "msg_1")
        let citation = Array(#"{"type":"anthropic:char_location","document_index":0,"start_index":0,"end_index":1}"#.utf8)
        let all = try events([
            .itemAdded(index: 0, .message(OutputItem.Message(id: "msg_1"))), .partAdded(message, part: 0, .text("", annotations: [], logprobs: [])),
            .textDelta(message, part: 0, "a", logprobs: []), .annotationAdded(message, part: 0, index: 0, citation),
            .annotationAdded(message, part: 0, index: 1, Array(#"{"type":"url_citation","url":"u"}"#.utf8)),
            .partDone(message, part: 0, .text("a", annotations: [], logprobs: [])),
        ])
        #expect(all.dropFirst(2) == [
            #"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location","document_index":0}}}"#,
            #"{"type":"content_block_stop","index":0}"#,
        ])
    }

    @Test func `why an answer ended is its stop reason`() throws {
        for (output, status, reason, expected) in [
            (#"{"type":"output_text","text":"a"}"#, .completed, nil, "end_turn"), (#"{"type":"refusal","refusal":"no"}"#, .completed, nil, "refusal"),
            (#"{"type":"output_text","text":"a"}"#, .incomplete, "max_output_tokens", "max_tokens"), (#"{"type":"output_text","text":"a"}"#, .incomplete, "content_filter", "refusal"),
        ] as [(String, Response.Status, String?, String)] {
            var (response, options) = try response([item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[\#(output)]}"#)], status: status)
            response.incompleteReason = reason
            #expect(String(decoding: format.body(of: response, options), as: UTF8.self).contains(#""stop_reason":"\#(expected)""#))
        }
        var (response, options) = try response([item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a"}]}"#)])
        response.stopSequence = "END"
        let expected = #""stop_reason":"stop_sequence","stop_sequence":"END""#
        #expect(String(decoding: format.body(of: response, options), as: UTF8.self).contains(expected))
        #expect(try events([.completed(response)])[0].contains(expected))
    }

    private func events(_ events: [ResponseEvent]) throws -> [String] {
        var encoder = format.makeEncoder(try response().1)
        var json = JSONWriter()
        for event in events { encoder.encode(event, into: &json) }
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(text.hasSuffix("\n\n"))
        var all: [String] = []
        for event in text.dropLast(2).split(separator: "\n\n") {
            let lines = event.split(separator: "\n")
            let data = String(lines[1].dropFirst(6))
            let type = try JSONDocument.parse(Array(data.utf8)).root["type"]?.string
            #expect(lines.count == 2 && lines[0] == "event: \(type ?? "")")
            all.append(data)
        }
        return all
    }

    @Test func `a stream opens a block at a time, whatever the calls do`() throws {
        let (response, _) = try response()
        let reasoning = ItemReference(index: 0, id: "rs_1"), message = ItemReference(index: 1, id: "msg_1")
        let one = ItemReference(index: 2, id: "fc_1"), two = ItemReference(index: 3, id: "fc_2")
        func call(_ id: String, _ status: OutputItem.Status = .inProgress) -> OutputItem { .functionCall(OutputItem.FunctionCall(id: "fc", callID: id, name: "f", status: status)) }
        let made = try events([
            .created(response), .inProgress(response),
            .itemAdded(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1"))), .partAdded(reasoning, part: 0, .reasoning("")),
            .reasoningDelta(reasoning, part: 0, "hm"), .summaryDelta(reasoning, part: 0, "short"), .partDone(reasoning, part: 0, .reasoning("hm")),
            .itemDone(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1", content: ["hm"], encryptedContent: "sig"))),
            .itemAdded(index: 1, .message(OutputItem.Message(id: "msg_1"))), .partAdded(message, part: 0, .text("", annotations: [], logprobs: [])),
            .textDelta(message, part: 0, "a\"", logprobs: []), .partDone(message, part: 0, .text("a\"", annotations: [], logprobs: [])),
            .itemDone(index: 1, .message(OutputItem.Message(id: "msg_1"))),
            .itemAdded(index: 2, call("c1")), .itemAdded(index: 3, call("c2")),
            .argumentsDelta(two, "{\"b\""), .argumentsDelta(one, "{}"), .argumentsDelta(two, ":1}"),
            .itemDone(index: 2, call("c1", .completed)), .itemDone(index: 3, call("c2", .completed)),
            .completed(response),
        ])
        func start(_ index: Int, _ block: String) -> String { #"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"# }
        func delta(_ index: Int, _ delta: String) -> String { #"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"# }
        func stop(_ index: Int) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }
        func use(_ id: String) -> String { #"{"type":"tool_use","id":"\#(id)","name":"f","input":{},"caller":{"type":"direct"}}"# }
        #expect(made == [
            #"{"type":"message_start","message":{"id":"msg_00ff","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"usage":\#(noUsage)}}"#,
            #"{"type":"ping"}"#,
            start(0, #"{"type":"thinking","thinking":"","signature":""}"#), delta(0, #"{"type":"thinking_delta","thinking":"hm"}"#), delta(0, #"{"type":"signature_delta","signature":"sig"}"#), stop(0),
            start(1, #"{"type":"text","text":"","citations":null}"#), delta(1, #"{"type":"text_delta","text":"a\""}"#), stop(1),
            start(2, use("c1")), delta(2, #"{"type":"input_json_delta","partial_json":"{}"}"#), stop(2),
            start(3, use("c2")), delta(3, #"{"type":"input_json_delta","partial_json":"{\"b\":1}"}"#), stop(3),
            #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null},"usage":\#(usage)}"#,
            #"{"type":"message_stop"}"#,
        ])
    }

    @Test(arguments: [
        (nil, "hm", "secret", "summary:secret"), ("why", "hm", "secret", "secret"), ("why", nil, "signature:S", "S"), ("why", nil, nil, ""),
    ] as [(String?, String?, String?, String)])
    func `a signature says whether its text is a summary, and loses its provider's mark`(
        content: String?, summary: String?, opaque: String?, signature: String
    ) throws {
        let done = OutputItem.Reasoning(
            id: "rs_1", summary: [summary].compactMap(\.self), content: [content].compactMap(\.self), encryptedContent: opaque)
        func parts(_ type: String, _ text: String?) -> String { text.map { #"[{"type":"\#(type)","text":"\#($0)"}]"# } ?? "[]" }
        let secret = opaque.map { #","encrypted_content":"\#($0)""# } ?? ""
        let (response, options) = try response([
            item(#"{"id":"rs_1","type":"reasoning","status":"completed","summary":\#(parts("summary_text", summary)),"content":\#(parts("reasoning_text", content))\#(secret)}"#),
        ])
        let item = ItemReference(index: 0, id: "rs_1")
        let made = try events([
            .created(response), .itemAdded(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1"))),
            content.map { .reasoningDelta(item, part: 0, $0) } ?? .summaryDelta(item, part: 0, "hm"),
            .itemDone(index: 0, .reasoning(done)), .completed(response),
        ])
        #expect(made.contains { $0.contains(#"{"type":"signature_delta","signature":"\#(signature)"}"#) }, "\(made)")
        let whole = String(decoding: format.body(of: response, options), as: UTF8.self)
        #expect(whole.contains(#"{"type":"thinking","thinking":"\#(content ?? "hm")","signature":"\#(signature)"}"#), "\(whole)")
    }

    @Test func `reasoning that only its maker can read is one redacted block`() throws {
        let (response, _) = try response()
        let made = try events([
            .created(response), .itemAdded(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1"))),
            .itemDone(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1", encryptedContent: "secret"))), .completed(response),
        ])
        #expect(made[2] == #"{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"secret"}}"# && made[3].contains("content_block_stop"))
    }

    @Test func `signed thinking without a text is opened empty, and its signature comes as a delta`() throws {
        let (response, _) = try response()
        let made = try events([
            .created(response), .itemAdded(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1"))),
            .itemDone(index: 0, .reasoning(OutputItem.Reasoning(id: "rs_1", encryptedContent: "signature:S"))), .completed(response),
        ])
        #expect(made[2...4] == [
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
        ])
    }

    @Test func `a stream that fails ends in an error event`() throws {
        let (failed, _) = try response(status: .failed)
        let made = try events([.created(failed), .error(GatewayError(.overloaded, "busy")), .failed(failed)])
        #expect(made.last == #"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#)
    }

    @Test func `models are listed with RFC 3339 dates`() {
        let model = ModelListing(name: "a", created: 1_700_000_000, provider: "p", capabilities: ModelCapabilities())
        let text = String(decoding: format.modelList([model], hasMore: false), as: UTF8.self)
        #expect(text == #"{"data":[{"type":"model","id":"a","display_name":"a","created_at":"2023-11-14T22:13:20.000Z","lifecycle":"active","deprecated_at":null,"retires_at":null,"line":null,"max_input_tokens":null,"max_tokens":null,"capabilities":null}],"first_id":"a","last_id":"a","has_more":false}"#)
    }
}
