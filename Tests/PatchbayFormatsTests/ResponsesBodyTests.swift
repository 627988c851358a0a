import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite struct ResponsesBodyTests {
    private func request(_ extra: String = "") throws -> Request {
        try ResponsesFormat().request(from: Array(#"{"model":"m","input":"x"\#(extra)}"#.utf8))
    }

    /// The required fields of `ResponseResource`, Open Responses 2026-04-24.
    private let required: [String] = [
        "id", "object", "created_at", "completed_at", "status", "incomplete_details", "model", "previous_response_id",
        "instructions", "output", "error", "tools", "tool_choice", "truncation", "parallel_tool_calls", "text", "top_p",
        "presence_penalty", "frequency_penalty", "top_logprobs", "temperature", "reasoning", "usage",
        "max_output_tokens", "max_tool_calls", "store", "background", "service_tier", "metadata", "safety_identifier",
        "prompt_cache_key",
    ]

    @Test func `every required field is always there`() throws {
        for status in Response.Status.allCases {
            var response = Response(id: "resp_1", createdAt: 1, status: status, request: try request())
            if status == .failed { response.error = GatewayError(.provider, "broken") }
            let root = try JSONDocument.parse(ResponsesFormat().body(of: response)).root
            for field in required { #expect(root.has(field), "\(field)") }
        }
    }

    @Test func `what the request said is repeated`() throws {
        let request = try request(
            #","temperature":0.5,"tools":[{"type":"function","name":"f"},{"type":"web_search","x":1}],"reasoning":{"effort":"low"},"text":{"verbosity":"low"},"instructions":"be kind","metadata":{"a":"b"}"#
        )
        let response = Response(id: "resp_1", createdAt: 1, status: .completed, request: request)
        let root = try JSONDocument.parse(ResponsesFormat().body(of: response)).root
        #expect(root["temperature"]?.double == 0.5 && root["instructions"]?.string == "be kind")
        #expect(
            root["tools"]?[0]?["strict"]?.isNull == true
                && root["tools"]?[1].map { String(decoding: $0.raw, as: UTF8.self) } == #"{"type":"web_search","x":1}"#)
        #expect(root["reasoning"]?["effort"]?.string == "low" && root["reasoning"]?["summary"]?.isNull == true)
        #expect(root["text"]?["format"]?["type"]?.string == "text" && root["text"]?["verbosity"]?.string == "low")
    }

    @Test func `usage has every detail`() throws {
        var response = Response(id: "r", createdAt: 1, status: .completed, request: try request())
        response.usage = Usage(
            inputTokens: 10, cachedTokens: 4, cacheWriteTokens: 1, outputTokens: 5, reasoningTokens: 2)
        let usage = try #require(try JSONDocument.parse(ResponsesFormat().body(of: response)).root["usage"])
        #expect(usage["total_tokens"]?.int == 15 && usage["input_tokens_details"]?["cached_tokens"]?.int == 4)
        #expect(usage["input_tokens_details"]?["cache_write_tokens"]?.int == 1)
        #expect(usage["output_tokens_details"]?["reasoning_tokens"]?.int == 2)
    }

    @Test func `an error has its four fields`() throws {
        let error = GatewayError.invalid("no", param: "input[0]", code: "c")
        let body = String(decoding: ResponsesFormat().body(of: error), as: UTF8.self)
        #expect(body == #"{"error":{"message":"no","type":"invalid_request_error","param":"input[0]","code":"c"}}"#)
    }

    @Test func `events are numbered without a gap, and event equals type`() throws {
        var encoder = ResponsesFormat().makeEncoder()
        var json = JSONWriter()
        let item = ItemReference(index: 0, id: "msg_1")
        let response = Response(id: "r", createdAt: 1, status: .failed, request: try request())
        let part = ContentPart.text("hi", annotations: [], logprobs: [])
        let events: [ResponseEvent] = [
            .created(response), .inProgress(response), .itemAdded(index: 0, .message(.init(id: "msg_1"))),
            .partAdded(item, part: 0, part), .textDelta(item, part: 0, "h\n\"i", logprobs: []),
            .annotationAdded(item, part: 0, index: 0, Array("{}".utf8)), .refusalDelta(item, part: 0, "no"),
            .partDone(item, part: 0, part), .argumentsDelta(item, "{"),
            .argumentsDone(item, name: "f", arguments: "{}"),
            .reasoningDelta(item, part: 0, "r"), .partDone(item, part: 0, .reasoning("r")),
            .summaryPartAdded(item, part: 0),
            .summaryDelta(item, part: 0, "s"), .summaryPartDone(item, part: 0, "s"),
            .itemDone(index: 0, .message(.init(id: "msg_1"))), .error(GatewayError(.storage, "no")), .failed(response),
        ]
        for event in events { encoder.encode(event, into: &json) }
        let blocks = String(decoding: json.bytes, as: UTF8.self).split(separator: "\n\n")
        for (number, block) in blocks.enumerated() {
            let lines = block.split(separator: "\n")
            try #require(lines.count == 2 && lines[1].hasPrefix("data: "))
            let root = try JSONDocument.parse(Array(lines[1].dropFirst(6).utf8)).root
            #expect(lines[0] == "event: \(root["type"]?.string ?? "?")" && root["sequence_number"]?.int == number)
        }
        #expect(blocks.count == 21)
    }
}
