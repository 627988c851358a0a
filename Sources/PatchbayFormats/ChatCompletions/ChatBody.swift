import PatchbayJSON
import PatchbayModel

/// Writing a chat completion of one answer or of several, which has the first one's id.
extension [Response] {
    func writeAsChat(to json: inout JSONWriter) {
        guard let first else { return json.null() }
        json.object { json in
            json.member("id", first.chatID)
            json.member("object", literal: "chat.completion")
            json.member("created", first.createdAt)
            json.member("model", first.model)
            json.member("choices") { json in
                json.array { json in
                    for (index, response) in enumerated() { response.writeAsChoice(index, to: &json) }
                }
            }
            if let usage = totalUsage { json.member("usage") { usage.writeAsChat(to: &$0) } }
            if let tier = first.fields["service_tier"] { json.member("service_tier") { $0.raw(tier) } }
            if let metadata = first.fields["metadata"] { json.member("metadata") { $0.raw(metadata) } }
        }
    }
}

extension Response {
    /// Its one message says all that the answer's messages say; a call that the server has run itself is part of how it
    /// was made, and isn't shown.
    fileprivate func writeAsChoice(_ index: Int, to json: inout JSONWriter) {
        let message = ChatMessage(output)
        json.object { json in
            json.member("index", index)
            json.member("message") { message.write(to: &$0) }
            json.member("logprobs") { message.writeLogprobs(to: &$0) }
            json.member("finish_reason", finishReason(hasCalls: !message.calls.isEmpty))
        }
    }

    /// Why the answer ended, in the words of chat.
    func finishReason(hasCalls: Bool) -> String {
        switch incompleteReason {
        case "max_output_tokens": "length"
        case "content_filter": "content_filter"
        default: hasCalls ? "tool_calls" : "stop"
        }
    }
}

/// An answer as one message.
struct ChatMessage {
    private(set) var content = ""
    private(set) var refusal: String?
    private(set) var reasoning = ""
    /// The entries of `reasoning_details`, each behind a comma but the first.
    private var details = JSONWriter()
    private var detailCount = 0
    private(set) var annotations: [[UInt8]] = []
    private(set) var logprobs: [[UInt8]] = []
    /// Calls that are the client's to run.
    private(set) var calls: [ChatCall] = []
    private var hasContent = false

    init(_ output: [Item]) {
        let answered = Set(output.compactMap { $0.type.hasSuffix("_output") ? $0.callID : nil })
        for item in output {
            switch OutputItem(reading: item) {
            case .message(let message):
                for part in message.parts { add(part) }
            case .reasoning(let item):
                reasoning += (item.content.isEmpty ? item.summary : item.content).joined()
                ChatReasoning.write(item, index: &detailCount, to: &details)
            case .functionCall(let call):
                if !answered.contains(call.callID) { calls.append(ChatCall(call)) }
            case .opaque(let item):
                if let call = ChatCall(custom: item), !answered.contains(call.id) { calls.append(call) }
            }
        }
    }

    private mutating func add(_ part: ContentPart) {
        switch part {
        case .text(let text, let annotations, let logprobs):
            content += text
            hasContent = true
            self.annotations += annotations.compactMap(ChatAnnotation.init).map(\.json)
            self.logprobs += logprobs
        case .refusal(let text): refusal = (refusal ?? "") + text
        case .reasoning(let text): reasoning += text
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("role", literal: "assistant")
            json.member("content", hasContent ? content : nil)
            json.member("refusal", refusal)
            if !reasoning.isEmpty { json.member("reasoning_content", reasoning) }
            if detailCount > 0 { json.member("reasoning_details") { $0.array { $0.raw(details.bytes) } } }
            json.member("annotations") { json in
                json.array { json in
                    for annotation in annotations { json.raw(annotation) }
                }
            }
            guard !calls.isEmpty else { return }
            json.member("tool_calls") { json in
                json.array { json in
                    for call in calls { json.object { call.write(index: nil, to: &$0) } }
                }
            }
        }
    }

    func writeLogprobs(to json: inout JSONWriter) {
        guard !logprobs.isEmpty else { return json.null() }
        Self.write(logprobs, to: &json)
    }

    static func write(_ logprobs: [[UInt8]], to json: inout JSONWriter) {
        json.object { json in
            json.member("content") { json in
                json.array { json in
                    for entry in logprobs { json.raw(entry) }
                }
            }
            json.member("refusal") { $0.null() }
        }
    }
}

/// A citation, as chat nests it; other annotations have no place in chat.
struct ChatAnnotation {
    let json: [UInt8]

    init?(_ annotation: [UInt8]) {
        guard let root = (try? JSONDocument.parse(annotation))?.root,
            root["type"]?.stringEquals("url_citation") == true
        else { return nil }
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "url_citation")
            json.member("url_citation") { json in
                json.object { json in
                    for member in root.members where !member.keyEquals("type") { json.raw(member.raw) }
                }
            }
        }
        self.json = json.bytes
    }
}

extension Usage {
    func writeAsChat(to json: inout JSONWriter) {
        json.object { json in
            json.member("prompt_tokens", inputTokens)
            json.member("completion_tokens", outputTokens)
            json.member("total_tokens", totalTokens)
            json.member("prompt_tokens_details") { json in
                json.object { json in
                    json.member("cached_tokens", cachedTokens)
                    json.member("audio_tokens", 0)
                }
            }
            json.member("completion_tokens_details") { json in
                json.object { json in
                    json.member("reasoning_tokens", reasoningTokens)
                    json.member("audio_tokens", 0)
                    json.member("accepted_prediction_tokens", 0)
                    json.member("rejected_prediction_tokens", 0)
                }
            }
            if isEstimated { json.member("estimated", true) }
        }
    }
}
