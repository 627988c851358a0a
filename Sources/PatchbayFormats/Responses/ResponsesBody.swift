import PatchbayJSON
import PatchbayModel

/// Writing a response object: every required field is there, null only where it may be.
extension Response {
    func writeAsResponses(to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", id)
        json.member("object", literal: "response")
        json.member("created_at", createdAt)
        json.member("status", status.rawValue)
        json.member("background", background)
        json.member("completed_at", completedAt)
        json.key("error")
        if let error {
            json.object { json in
                json.member("code", error.responsesCode)
                json.member("message", error.message)
            }
        } else {
            json.null()
        }
        json.key("incomplete_details")
        if let incompleteReason {
            json.object { $0.member("reason", incompleteReason) }
        } else {
            json.null()
        }
        json.member("model", model)
        json.key("output")
        json.array { json in
            for item in output { item.write(to: &json) }
        }
        json.member("previous_response_id", previousResponseID)
        if let conversationID { json.member("conversation") { $0.object { $0.member("id", conversationID) } } }
        json.member("store", store)
        for (name, fallback) in Self.repeated {
            json.key(name)
            if let value = fields["\(name)"] { json.raw(value) } else { json.literal(fallback) }
        }
        json.key("reasoning")
        Self.write(fields["reasoning"], defaults: ["effort", "summary"], to: &json)
        json.key("text")
        writeText(to: &json)
        json.key("tools")
        writeTools(to: &json)
        if let user = fields["user"] {
            json.key("user")
            json.raw(user)
        }
        json.key("usage")
        if let usage { usage.writeAsResponses(to: &json) } else { json.null() }
        json.endObject()
    }

    /// What a response repeats of its request, with what it says where the request said nothing.
    private static let repeated: [(StaticString, StaticString)] = [
        ("frequency_penalty", "0"), ("instructions", "null"), ("max_output_tokens", "null"), ("max_tool_calls", "null"),
        ("metadata", "{}"), ("parallel_tool_calls", "true"), ("presence_penalty", "0"), ("prompt_cache_key", "null"),
        ("safety_identifier", "null"), ("service_tier", #""default""#), ("temperature", "1"),
        ("tool_choice", #""auto""#),
        ("top_logprobs", "0"), ("top_p", "1"), ("truncation", #""disabled""#),
    ]

    private func writeText(to json: inout JSONWriter) {
        guard let text = fields["text"], let root = (try? JSONDocument.parse(text))?.root else {
            json.literal(#"{"format":{"type":"text"}}"#)
            return
        }
        json.object { json in
            if root["format"] == nil { json.member("format") { $0.literal(#"{"type":"text"}"#) } }
            for member in root.members where !member.value.isNull {
                json.key(member.key)
                json.raw(member.value.raw)
            }
        }
    }

    /// Function tools get their optional fields as nulls; other tools are given back as they came.
    private func writeTools(to json: inout JSONWriter) {
        guard let tools = fields["tools"], let root = (try? JSONDocument.parse(tools))?.root else {
            json.literal("[]")
            return
        }
        json.array { json in
            for tool in root.elements {
                if tool["type"]?.stringEquals("function") == true {
                    Self.write(Array(tool.raw), defaults: ["description", "parameters", "strict"], to: &json)
                } else {
                    json.raw(tool.raw)
                }
            }
        }
    }

    /// An object with the fields that it must have, null where it hasn't.
    private static func write(_ object: [UInt8]?, defaults: [StaticString], to json: inout JSONWriter) {
        let root = object.flatMap { try? JSONDocument.parse($0) }?.root
        json.object { json in
            for member in root?.members.map({ $0 }) ?? [] {
                json.key(member.key)
                json.raw(member.value.raw)
            }
            for name in defaults where root?.has(name) != true { json.member(name) { $0.null() } }
        }
    }
}

extension Usage {
    func writeAsResponses(to json: inout JSONWriter) {
        json.object { json in
            json.member("input_tokens", inputTokens)
            json.member("input_tokens_details") { json in
                json.object { json in
                    json.member("cached_tokens", cachedTokens)
                    json.member("cache_write_tokens", cacheWriteTokens)
                }
            }
            json.member("output_tokens", outputTokens)
            json.member("output_tokens_details") { json in
                json.object { $0.member("reasoning_tokens", reasoningTokens) }
            }
            json.member("total_tokens", totalTokens)
            // Not of the API: only where it is so.
            if isEstimated { json.member("estimated", true) }
        }
    }
}
