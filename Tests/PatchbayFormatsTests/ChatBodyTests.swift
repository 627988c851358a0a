// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct ChatBodyTests {
    private let format = ChatFormat()

    private func response(_ output: [Item], status: Response.Status = .completed) throws -> Response {
        let request = try format.read(Array(#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#.utf8)).request
        var response = Response(id: "resp_00ff", createdAt: 7, status: status, request: request)
        response.output = output
        response.usage = Usage(inputTokens: 10, cachedTokens: 4, outputTokens: 5, reasoningTokens: 2)
        return response
    }

    private func item(_ json: String) throws -> Item { try #require(Item(try JSONDocument.parse(Array(json.utf8)).root)) }

    private func text(_ response: Response) -> String { String(decoding: format.body(of: response), as: UTF8.self) }

    @Test func `a completion has one message and all details of its usage`() throws {
        let output = try [
            item(#"{"id":"rs_1","type":"reasoning","status":"completed","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}"#),
            item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[{"type":"url_citation","url":"u"},{"type":"file_citation"}],"logprobs":[{"token":"a"}]}]}"#),
            item(#"{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{}"}"#),
            item(#"{"id":"ct_1","type":"custom_tool_call","status":"completed","call_id":"c2","name":"g","input":"y"}"#),
        ]
        #expect(text(try response(output)) == #"{"id":"chatcmpl-00ff","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a","refusal":null,"reasoning_content":"hm","annotations":[{"type":"url_citation","url_citation":{"url":"u"}}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"custom","custom":{"name":"g","input":"y"}}]},"logprobs":{"content":[{"token":"a"}],"refusal":null},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#)
    }

    @Test func `what a provider wants back of its reasoning is in reasoning_details, whole and streamed`() throws {
        let items = [
            OutputItem.Reasoning(id: "rs_1", summary: ["short"], encryptedContent: "ENC", status: .completed),
            OutputItem.Reasoning(id: "rs_2", content: ["a", "b"], encryptedContent: "SIG", status: .completed),
            OutputItem.Reasoning(id: "rs_3", content: ["told"], status: .completed),
        ]
        let details = [
            #"{"type":"reasoning.summary","id":"rs_1","summary":"short","index":0},{"type":"reasoning.encrypted","id":"rs_1","data":"ENC","index":1}"#,
            #"{"type":"reasoning.text","id":"rs_2","text":"a","index":2},{"type":"reasoning.text","id":"rs_2","text":"b","signature":"SIG","index":3}"#,
        ]
        let response = try response(items.map { OutputItem.reasoning($0).item })
        #expect(text(response).contains(#""reasoning_content":"shortabtold","reasoning_details":["# + details.joined(separator: ",") + "],"))
        let body = #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#
        let chunks = try stream(body, [.created(response)] + items.enumerated().map { .itemDone(index: $0, .reasoning($1)) }).components(separatedBy: "data: ")
        #expect(chunks.count == 4 && chunks[2].contains(#""delta":{"reasoning_details":["# + details[0] + "]}") && chunks[3].contains("[" + details[1] + "]"))
    }

    @Test func `a call that the server has run is not the client's`() throws {
        let output = try [
            item(#"{"id":"fc_1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{}"}"#),
            item(#"{"id":"fco_1","type":"function_call_output","status":"completed","call_id":"c1","output":"1"}"#),
        ]
        let root = try JSONDocument.parse(format.body(of: try response(output))).root
        #expect(root["choices"]?[0]?["finish_reason"]?.string == "stop" && root["choices"]?[0]?["message"]?.has("tool_calls") == false)
    }

    @Test func `why an answer was cut is its finish reason`() throws {
        for (reason, expected) in [("max_output_tokens", "length"), ("content_filter", "content_filter")] {
            var response = try response([], status: .incomplete)
            response.incompleteReason = reason
            #expect(text(response).contains(#""finish_reason":"\#(expected)""#))
        }
    }

    private func stream(_ body: String, _ events: [ResponseEvent]) throws -> String {
        var encoder = format.makeEncoder(try format.read(Array(body.utf8)).options)
        var json = JSONWriter()
        for event in events { encoder.encode(event, into: &json) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `several choices have the first one's id, their numbers, and their usage together`() throws {
        var (one, two) = try (response([]), response([]))
        (one.output, two.id) = ([try item(#"{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[]}]}"#)], "resp_1111")
        let options = try format.read(Array(#"{"model":"m","n":2,"messages":[{"role":"user","content":"x"}]}"#.utf8)).options
        #expect(format.choices(options) == 2)
        let root = try JSONDocument.parse(format.body(of: [one, two], options)).root
        #expect(root["id"]?.string == "chatcmpl-00ff" && root["choices"]?.count == 2 && root["choices"]?[1]?["index"]?.int == 1)
        #expect(root["choices"]?[0]?["message"]?["content"]?.string == "a" && root["choices"]?[1]?["message"]?["content"]?.isNull == true)
        #expect(root["usage"]?["prompt_tokens"]?.int == 20 && root["usage"]?["completion_tokens"]?.int == 10)
        // A stream: by turns, each with its own finish reason, and one end.
        var encoder = format.makeEncoder(try format.read(Array(#"{"model":"m","n":2,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}"#.utf8)).options)
        var json = JSONWriter()
        let text = ItemReference(index: 0, id: "msg_1")
        encoder.encode(.created(two), of: 1, into: &json)
        encoder.encode(.created(one), of: 0, into: &json)
        encoder.encode(.textDelta(text, part: 0, "a", logprobs: []), of: 0, into: &json)
        encoder.encode(.textDelta(text, part: 0, "b", logprobs: []), of: 1, into: &json)
        encoder.encode(.completed(two), of: 1, into: &json)
        encoder.encode(.completed(one), of: 0, into: &json)
        encoder.encodeEnd(usage: Usage(inputTokens: 2, outputTokens: 3), into: &json)
        let frames = String(decoding: json.bytes, as: UTF8.self).components(separatedBy: "\n\n")
        #expect(frames.count == 9 && frames[7] == "data: [DONE]" && frames[8].isEmpty)
        let chunks = try frames[..<7].map { try JSONDocument.parse(Array($0.dropFirst(6).utf8)) }.map(\.root)
        #expect(Set(chunks.map { $0["id"]?.string }) == ["chatcmpl-1111"])
        #expect(chunks[..<6].map { $0["choices"]?[0]?["index"]?.int } == [1, 0, 0, 1, 1, 0])
        #expect(chunks[4]["choices"]?[0]?["finish_reason"]?.string == "stop" && chunks[6]["choices"]?.count == 0)
        #expect(chunks[6]["usage"]?["prompt_tokens"]?.int == 2)
    }

    @Test func `a stream is chunks, then the usage if it was asked for, then DONE`() throws {
        let response = try response([])
        let message = ItemReference(index: 1, id: "msg_1")
        let events: [ResponseEvent] = [
            .created(response), .inProgress(response),
            .reasoningDelta(ItemReference(index: 0, id: "rs_1"), part: 0, "hm"), .summaryDelta(ItemReference(index: 0, id: "rs_1"), part: 0, "short"),
            .textDelta(message, part: 0, "a\"", logprobs: []), .textDelta(message, part: 0, "b", logprobs: [Array(#"{"token":"b"}"#.utf8)]),
            .itemAdded(index: 2, .functionCall(OutputItem.FunctionCall(id: "fc_1", callID: "c1", name: "f"))),
            .itemAdded(index: 3, .functionCall(OutputItem.FunctionCall(id: "fc_2", callID: "c2", name: "g"))),
            // By turns, as the calls may come; on the wire a call is whole before the next begins.
            .argumentsDelta(ItemReference(index: 3, id: "fc_2"), "{"), .argumentsDelta(ItemReference(index: 2, id: "fc_1"), "[]"), .argumentsDelta(ItemReference(index: 3, id: "fc_2"), "}"),
            .itemDone(index: 2, .functionCall(OutputItem.FunctionCall(id: "fc_1", callID: "c1", name: "f"))), .itemDone(index: 3, .functionCall(OutputItem.FunctionCall(id: "fc_2", callID: "c2", name: "g"))),
            .completed(response),
        ]
        func chunk(_ delta: String, _ rest: String = #""logprobs":null,"finish_reason":null"#, end: String) -> String {
            "data: " + #"{"id":"chatcmpl-00ff","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":"# + delta + "," + rest + "}]" + end + "}\n\n"
        }
        let deltas = [
            #"{"role":"assistant","content":"","refusal":null}"#, #"{"reasoning_content":"hm"}"#, #"{"content":"a\""}"#, #"{"content":"b"}"#,
            #"{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":0,"function":{"arguments":"[]"}}]}"#,
            #"{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}"#,
            #"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#,
        ]
        func expected(end: String) -> String {
            deltas.enumerated().map { at, delta in
                at == 3 ? chunk(delta, #""logprobs":{"content":[{"token":"b"}],"refusal":null},"finish_reason":null"#, end: end) : chunk(delta, end: end)
            }.joined() + chunk("{}", #""logprobs":null,"finish_reason":"tool_calls""#, end: end)
        }
        let body = #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true"#
        #expect(try stream(body + "}", events) == expected(end: "") + "data: [DONE]\n\n")
        let usage = #"data: {"id":"chatcmpl-00ff","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"# + "\n\n"
        #expect(try stream(body + #","stream_options":{"include_usage":true}}"#, events) == expected(end: #","usage":null"#) + usage + "data: [DONE]\n\n")
    }

    @Test func `a stream that fails says so and ends`() throws {
        var failed = try response([], status: .failed)
        failed.error = GatewayError(.provider, "broken", code: "c")
        let text = try stream(#"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#, [.created(failed), .error(failed.error!), .failed(failed)])
        #expect(text.hasSuffix("data: " + #"{"error":{"message":"broken","type":"server_error","param":null,"code":"c"}}"# + "\n\ndata: [DONE]\n\n"))
    }
}
