import PatchbayJSON
import PatchbayModel

/// The Responses API in messages over a WebSocket: what a client may say, and the errors that are answers to it.
extension ResponsesFormat {
    /// Reads a `response.create`: the fields of a request over HTTP beside its `type`, and `generate`. The request is
    /// always one for a stream.
    package func clientEvent(from message: [UInt8]) throws(GatewayError) -> Request {
        let root = try document(message).root
        guard root.kind == .object else {
            throw .invalid("A message must be a JSON object.", param: nil, code: "invalid_json")
        }
        let fields = FieldReader(root)
        let type = try fields.requiredString("type", maxLength: 64)
        guard type == "response.create" else {
            throw .invalid(
                "This server doesn't know the event '\(type)'. It takes 'response.create'.", param: "type",
                code: "unknown_event_type")
        }
        guard try fields.bool("background") != true else {
            throw .invalid(
                "A WebSocket carries no background responses. Ask for them by POST /v1/responses.", param: "background",
                code: "unsupported_parameter")
        }
        guard root["stream_id"]?.isNull ?? true else {
            throw .invalid(
                "This server makes one response at a time on a WebSocket and knows no 'stream_id'. Open a WebSocket for each.",
                param: "stream_id", code: "unsupported_parameter")
        }
        let generate = try fields.bool("generate") ?? true
        var request = try Request(responses: root)
        for name in ["type", "generate", "stream_id"] { request.fields[name] = nil }
        request.stream = true
        request.generate = generate
        return request
    }

    /// An error that is an answer of its own, before a response has begun. `status`: as HTTP would have it.
    package func message(of error: GatewayError, status: Int) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "error")
            json.member("status", status)
            json.member("error", error)
        }
        return json.bytes
    }
}

extension ResponsesEventEncoder {
    /// Writes an error within a response as WebSocket clients know it. `status`: as HTTP would have it.
    package mutating func encode(_ error: GatewayError, status: Int, into json: inout JSONWriter) {
        var error = error
        error.code = error.responsesCode
        begin("error", &json)
        json.member("status", status)
        json.member("error", error)
        end(&json)
    }
}

extension JSONWriter {
    /// An error in OpenAI's shape.
    mutating func member(_ name: StaticString, _ error: GatewayError) {
        member(name) { json in
            json.object { json in
                json.member("message", error.message)
                json.member("type", error.kind.responsesType)
                json.member("param", error.param)
                json.member("code", error.code)
            }
        }
    }
}
