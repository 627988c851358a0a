import CPatchbay

/// A Responses request as a chat completion. What chat has no place for is refused with its path, so that nothing is
/// lost in silence; what only another provider can read (encrypted reasoning), and tools of kinds that chat doesn't
/// know, are left out and noted for the log. One pass over the request: its time is linear in its size.
struct ChatRequest {
    let request: JSONValue
    let config: OpenAI
    let isStream: Bool
    var json: JSONWriter
    /// For the operator's log.
    var notes: [String] = []
    /// The assistant's turn that is being put together: a text, its reasoning and its calls are one message in chat.
    var turn = AssistantTurn()

    init(_ request: JSONValue, _ config: OpenAI, isStream: Bool) {
        (self.request, self.config, self.isStream) = (request, config, isStream)
        json = JSONWriter(capacity: request.document.bytes.count + 512)
    }

    /// The body of the upstream's request.
    mutating func write() throws(Failure) -> [UInt8] {
        if request["prompt"]?.present != nil {
            throw .unsupported("prompt", "This model's provider has no stored prompts.")
        }
        json.beginObject()
        if let model = request["model"] { json.member("model", model) }
        try writeMessages()
        for (key, name) in Self.copied {
            if let value = request[key]?.present { json.member(name, value) }
        }
        if let bound = request["max_output_tokens"]?.present {
            switch config.maxTokensField {
            case .max_completion_tokens: json.member("max_completion_tokens", bound)
            case .max_tokens: json.member("max_tokens", bound)
            }
        }
        if let effort = request["reasoning"]?["effort"]?.present { json.member("reasoning_effort", effort) }
        if let tier = request["service_tier"]?.present, !tier.stringEquals("auto"), !tier.stringEquals("default") {
            json.member("service_tier", tier)
        }
        if let user = (request["user"] ?? request["safety_identifier"])?.present { json.member("user", user) }
        if config.isOpenAI, let key = request["prompt_cache_key"]?.present { json.member("prompt_cache_key", key) }
        writeLogprobs()
        try writeFormat()
        try writeTools()
        json.member("stream", isStream)
        if isStream {
            json.member("stream_options") { $0.literal("{\"include_usage\":true}") }
        }
        json.endObject()
        return json.bytes
    }

    /// What both APIs have, and what other formats hand on through the request.
    private static let copied: [(StaticString, StaticString)] = [
        ("temperature", "temperature"), ("top_p", "top_p"), ("presence_penalty", "presence_penalty"),
        ("frequency_penalty", "frequency_penalty"), ("stop", "stop"), ("seed", "seed"), ("logit_bias", "logit_bias"),
    ]

    private mutating func writeLogprobs() {
        let count = request["top_logprobs"]?.int ?? 0
        let isIncluded = (request["include"] ?? request).elements.contains {
            $0.stringEquals("message.output_text.logprobs")
        }
        guard count > 0 || isIncluded else { return }
        json.member("logprobs", true)
        if count > 0 { json.member("top_logprobs", count) }
    }

    private mutating func writeFormat() throws(Failure) {
        guard let text = request["text"]?.present else { return }
        if let verbosity = text["verbosity"]?.present { json.member("verbosity", verbosity) }
        guard let format = text["format"]?.present else { return }
        switch format["type"]?.string {
        case "text": break
        case "json_object": json.member("response_format") { $0.literal("{\"type\":\"json_object\"}") }
        case "json_schema":
            json.member("response_format") { json in
                json.object { json in
                    json.member("type", literal: "json_schema")
                    json.member("json_schema") { json in
                        json.object { json in
                            for member in format.members where !member.keyEquals("type") && !member.value.isNull {
                                json.key(member.key)
                                json.value(member.value)
                            }
                        }
                    }
                }
            }
        default: throw .unsupported("text.format.type", "This model's provider has no such format of text.")
        }
    }
}
