// swift-format-ignore-file
import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

/// Compaction and token counts, as they are asked for and answered.
@Suite struct ResponsesContextTests {
    private func read(_ fields: String) throws -> Request {
        try ResponsesFormat().request(from: Array(#"{"model":"m",\#(fields)}"#.utf8))
    }

    @Test func `a response that goes on from a chat completion is named by either of its ids`() throws {
        for id in ["resp_00ff", "chatcmpl-00ff"] {
            #expect(try read(#""input":"x","previous_response_id":"\#(id)""#).previousResponseID == "resp_00ff")
            #expect(try ResponsesFormat().conversation(from: Array(#"{"previous_response_id":"\#(id)"}"#.utf8)).previousResponseID == "resp_00ff")
        }
    }

    @Test func `context_management says when to compact`() throws {
        let request = try read(#""input":"x","context_management":[{"type":"compaction","compact_threshold":5000},{"type":"compaction","compact_threshold":900}]"#)
        #expect(request.compaction == .above(tokens: 900))
        #expect(try read(#""input":"x","context_management":null"#).compaction == nil)
        #expect(try read(#""input":"x","context_management":[]"#).compaction == nil)
    }

    @Test(arguments: [
        (#""input":"x","context_management":{}"#, "context_management", "invalid_type"),
        (#""input":"x","context_management":[1]"#, "context_management[0]", "invalid_type"),
        (#""input":"x","context_management":[{}]"#, "context_management[0].type", "missing_required_parameter"),
        (#""input":"x","context_management":[{"type":"forget"}]"#, "context_management[0].type", "invalid_value"),
        (#""input":"x","context_management":[{"type":"compaction"}]"#, "context_management[0].compact_threshold", "missing_required_parameter"),
        (#""input":"x","context_management":[{"type":"compaction","compact_threshold":0}]"#, "context_management[0].compact_threshold", "integer_below_min_value"),
        (#""input":"x","context_management":[{"type":"compaction","compact_threshold":"9"}]"#, "context_management[0].compact_threshold", "invalid_type"),
        (#""input":[{"type":"compaction_trigger"},{"role":"user","content":"x"}]"#, "input[0]", "invalid_value"),
        (#""input":[{"type":"compaction"}]"#, "input[0].encrypted_content", "missing_required_parameter"),
        (#""input":[{"type":"compaction","encrypted_content":7}]"#, "input[0].encrypted_content", "invalid_type"),
    ])
    func `what is wrong is refused by its path`(fields: String, param: String, code: String) {
        let error = #expect(throws: GatewayError.self) { try read(fields) }
        #expect(error?.kind == .invalidRequest && error?.param == param && error?.code == code)
    }

    @Test func `a trigger at the end compacts now`() throws {
        let request = try read(#""input":[{"role":"user","content":"x"},{"type":"compaction_trigger"}],"context_management":[{"type":"compaction","compact_threshold":5}]"#)
        #expect(request.compaction == .now)
    }

    @Test func `a compaction item's id says what it is, whoever made it`() throws {
        let items = try read(#""input":[{"type":"compaction","encrypted_content":"E","id":"cmp_mine"},{"type":"compaction","encrypted_content":"E","id":"x1"},{"type":"compaction","encrypted_content":"E"}]"#).input
        #expect(items[0].id == "cmp_mine")
        #expect(items.allSatisfy { $0.id?.hasPrefix("cmp_") == true } && Set(items.map(\.id)).count == 3)
    }

    @Test func `a request without an answer may leave out its model, and keeps nothing`() throws {
        let request = try ResponsesFormat().conversation(from: Array(#"{"input":"x","previous_response_id":"resp_1","store":true,"stream":true}"#.utf8))
        #expect(request.model == "" && request.previousResponseID == "resp_1" && !request.store && !request.stream)
        for (body, param) in [(#"[]"#, nil), (#"{"model":5}"#, "model"), (#"{"input":[{}]}"#, "input[0].type"), (#"{"tools":[1]}"#, "tools[0]")] as [(String, String?)] {
            let error = #expect(throws: GatewayError.self) { try ResponsesFormat().conversation(from: Array(body.utf8)) }
            #expect(error?.kind == .invalidRequest && error?.param == param)
        }
    }

    @Test func `an estimated count is marked`() {
        let format = ResponsesFormat()
        #expect(String(decoding: format.body(inputTokens: 5, isEstimated: false), as: UTF8.self) == #"{"object":"response.input_tokens","input_tokens":5}"#)
        #expect(String(decoding: format.body(inputTokens: 5, isEstimated: true), as: UTF8.self) == #"{"object":"response.input_tokens","input_tokens":5,"estimated":true}"#)
    }

    @Test func `a compaction is told in a stream`() throws {
        var encoder = ResponsesFormat().makeEncoder()
        var json = JSONWriter()
        encoder.encode(.compacting(ItemReference(index: 0, id: "cmp_1")), into: &json)
        #expect(String(decoding: json.bytes, as: UTF8.self) == "event: response.compaction.compacting\ndata: {\"type\":\"response.compaction.compacting\",\"sequence_number\":0,\"item_id\":\"cmp_1\",\"output_index\":0}\n\n")
    }
}
