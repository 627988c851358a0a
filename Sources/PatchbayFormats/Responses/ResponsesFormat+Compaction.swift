import PatchbayJSON
import PatchbayModel

/// `POST /v1/responses/compact` and `POST /v1/responses/input_tokens`: a conversation as in a request for an answer,
/// and no answer.
extension ResponsesFormat {
    /// Reads the body of either. The model may be missing: then it is empty (the lifecycle knows which it is).
    package func conversation(from body: [UInt8]) throws(GatewayError) -> Request {
        try Request(conversation: try document(body).root)
    }

    /// A count of input tokens; `isEstimated` marks one that nobody counted.
    package func body(inputTokens count: Int, isEstimated: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("object", literal: "response.input_tokens")
            json.member("input_tokens", count)
            if isEstimated { json.member("estimated", true) }
        }
        return json.bytes
    }

    /// A compacted conversation; `createdAt` in Unix seconds.
    package func body(compaction id: String, createdAt: Int, output: [Item], usage: Usage) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("id", id)
            json.member("object", literal: "response.compaction")
            json.member("created_at", createdAt)
            json.key("output")
            json.array { json in
                for item in output { item.write(to: &json) }
            }
            json.key("usage")
            usage.writeAsResponses(to: &json)
        }
        return json.bytes
    }
}
