import PatchbayFormats
import PatchbayJSON
import PatchbayModel
import Testing

@Suite("Framing of events")
struct EventFramingTests {
    /// One of each event, in no order.
    private let events: [ResponseEvent] = {
        let request = Request(
            model: "m", input: [], previousResponseID: nil, stream: true, store: false, fields: RequestFields(),
            tools: [])
        let response = Response(id: "resp_1", createdAt: 1, status: .inProgress, request: request)
        let item = ItemReference(index: 0, id: "msg_1")
        let logprobs = [Array(#"{"token":"a"}"#.utf8)]
        return [
            .created(response), .inProgress(response), .textDelta(item, part: 0, "a\n", logprobs: []),
            .textDelta(item, part: 0, "b", logprobs: logprobs), .textDelta(item, part: 1, "c", logprobs: []),
            .refusalDelta(item, part: 0, "no"), .annotationAdded(item, part: 0, index: 0, Array("{}".utf8)),
            .partAdded(item, part: 0, .text("", annotations: [], logprobs: [])),
            .partDone(item, part: 0, .text("ab", annotations: [], logprobs: logprobs)),
            .partDone(item, part: 0, .refusal("no")), .argumentsDelta(item, "{"),
            .argumentsDone(item, name: "f", arguments: "{}"), .reasoningDelta(item, part: 0, "hm"),
            .summaryPartAdded(item, part: 0), .summaryDelta(item, part: 0, "s"), .summaryPartDone(item, part: 0, "s"),
            .error(GatewayError(.provider, "broken")), .completed(response), .incomplete(response), .failed(response),
        ]
    }()

    @Test("as messages, each event is one JSON object, the same as behind `data:`, and ends where it is said to")
    func messages() throws {
        var stream = ResponsesEventEncoder()
        var messages = ResponsesEventEncoder(framing: .messages)
        for event in events {
            var sse = JSONWriter()
            stream.encode(event, into: &sse)
            let expected = String(decoding: sse.bytes, as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }

            var json = JSONWriter()
            messages.encode(event, into: &json)
            var found: [String] = []
            var start = 0
            for end in messages.ends {
                _ = try JSONDocument.parse(Array(json.bytes[start..<end]))
                found.append(String(decoding: json.bytes[start..<end], as: UTF8.self))
                start = end
            }
            messages.ends = []
            #expect(found == expected && start == json.bytes.count)
        }
    }

    @Test("an error within a response has its status, its number, and its parts in an object of their own")
    func error() throws {
        var encoder = ResponsesEventEncoder(framing: .messages)
        var json = JSONWriter()
        encoder.encode(GatewayError(.rateLimited, "Too much.", param: "input"), status: 429, into: &json)
        let root = try JSONDocument.parse(json.bytes).root
        #expect(root["type"]?.string == "error" && root["status"]?.int == 429 && root["sequence_number"]?.int == 0)
        let error = try #require(root["error"])
        #expect(error["code"]?.string == "rate_limit_exceeded" && error["type"]?.string == "rate_limit_error")
        #expect(error["message"]?.string == "Too much." && error["param"]?.string == "input")
        #expect(encoder.ends == [json.bytes.count])
    }
}
