import PatchbayJSON
import PatchbayModel

/// Writing a message. A call that the server has run itself is part of how it was made, and isn't shown; of an item
/// that Anthropic's API has no block for nothing is shown.
extension Response {
    /// The response's id as a message has it: the same, with another prefix.
    var messageID: String { Identifier.messagesMessage(of: id) }

    func writeAsMessage(to json: inout JSONWriter) {
        let blocks = MessagesAnswer(output)
        json.object { json in
            writeMessageHead(to: &json)
            json.member("content") { json in
                json.array { json in
                    for block in blocks.blocks { json.raw(block) }
                }
            }
            json.member("stop_reason", stopReason(hasCalls: blocks.hasCalls, isRefusal: blocks.isRefusal))
            json.member("stop_sequence", stopSequence)
            json.member("stop_details") { $0.null() }
            json.member("container") { $0.null() }
            json.member("usage") { (usage ?? Usage()).writeAsMessages(to: &$0) }
        }
    }

    /// What the first event of a stream has too.
    func writeMessageHead(to json: inout JSONWriter) {
        json.member("id", messageID)
        json.member("type", literal: "message")
        json.member("role", literal: "assistant")
        json.member("model", model)
    }

    /// Why the answer ended, in Anthropic's words.
    func stopReason(hasCalls: Bool, isRefusal: Bool) -> String {
        switch incompleteReason {
        case "max_output_tokens": "max_tokens"
        case "content_filter": "refusal"
        default: hasCalls ? "tool_use" : isRefusal ? "refusal" : stopSequence == nil ? "end_turn" : "stop_sequence"
        }
    }
}

/// An answer as content blocks.
struct MessagesAnswer {
    /// Each one JSON object.
    private(set) var blocks: [[UInt8]] = []
    private(set) var hasCalls = false
    private(set) var isRefusal = false

    init(_ output: [Item]) {
        let answered = Set(output.compactMap { $0.type.hasSuffix("_output") ? $0.callID : nil })
        for item in output {
            switch OutputItem(reading: item) {
            case .message(let message):
                for part in message.parts { add(part) }
            case .reasoning(let reasoning): add(reasoning)
            case .functionCall(let call):
                guard !answered.contains(call.callID) else { continue }
                hasCalls = true
                add { $0.writeToolUse(call, input: Self.object(call.arguments)) }
            case .opaque(let item):
                if let own = Self.own(item) { blocks.append(own) }
            }
        }
    }

    private mutating func add(_ part: ContentPart) {
        switch part {
        case .text(let text, let annotations, _):
            add { $0.writeText(text, citations: annotations.compactMap(MessagesCitation.citation)) }
        case .reasoning(let text): add { $0.writeText(text) }
        case .refusal(let text):
            isRefusal = true
            add { $0.writeText(text) }
        }
    }

    private mutating func add(_ reasoning: OutputItem.Reasoning) {
        let text = (reasoning.content.isEmpty ? reasoning.summary : reasoning.content).joined(separator: "\n\n")
        if text.isEmpty {
            if let data = reasoning.encryptedContent { add { $0.writeHiddenThinking(data) } }
        } else {
            let signature = Self.signature(reasoning.encryptedContent, isSummary: reasoning.content.isEmpty)
            add { $0.writeThinking(text, signature: signature) }
        }
    }

    /// What a signature begins with whose text is a summary of the reasoning: so it comes back as one.
    static let summaryMark = "summary:"

    /// What the provider of Anthropic's models puts before a signature.
    static let signatureMark = "signature:"

    /// Whether there is anything in what only its maker can read, its mark aside.
    static func isSaid(_ opaque: String?) -> Bool {
        guard let opaque else { return false }
        return !opaque.isEmpty && opaque != summaryMark && opaque != signatureMark
    }

    static func signature(_ opaque: String?, isSummary: Bool) -> String {
        guard let opaque else { return "" }
        if opaque.hasPrefix(signatureMark) { return String(opaque.dropFirst(signatureMark.count)) }
        return isSummary ? summaryMark + opaque : opaque
    }

    private mutating func add(_ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object(write)
        blocks.append(json.bytes)
    }

    /// A call's arguments, which must be an object here: whatever else a model wrote is put into one.
    static func object(_ arguments: String) -> [UInt8] {
        if arguments.isEmpty { return Array("{}".utf8) }
        if let root = (try? JSONDocument.parse(Array(arguments.utf8)))?.root, root.kind == .object {
            return Array(root.raw)
        }
        var json = JSONWriter()
        json.object { $0.member("arguments", arguments) }
        return json.bytes
    }

    /// A block of Anthropic's own that came through the hub whole.
    static func own(_ item: Item) -> [UInt8]? {
        guard item.type.hasPrefix("anthropic:"), let root = (try? JSONDocument.parse(item.body))?.root else {
            return nil
        }
        var json = JSONWriter()
        json.object { json in
            json.member("type", String(item.type.dropFirst("anthropic:".count)))
            for member in root.members where !member.keyEquals("type") {
                if member.keyEquals("call_id") { json.member("id", member.value) } else { json.raw(member.raw) }
            }
        }
        return json.bytes
    }
}

extension JSONWriter {
    mutating func writeText(_ text: String, citations: [[UInt8]] = []) {
        member("type", literal: "text")
        member("text", text)
        member("citations") { json in
            if citations.isEmpty { return json.null() }
            json.array { json in
                for citation in citations { json.raw(citation) }
            }
        }
    }

    mutating func writeThinking(_ text: String, signature: String) {
        member("type", literal: "thinking")
        member("thinking", text)
        member("signature", signature)
    }

    /// Thinking without a text: redacted, or signed and not shown.
    mutating func writeHiddenThinking(_ data: String) {
        if data.hasPrefix(MessagesAnswer.signatureMark) {
            return writeThinking("", signature: MessagesAnswer.signature(data, isSummary: false))
        }
        member("type", literal: "redacted_thinking")
        member("data", data)
    }

    mutating func writeToolUse(_ call: OutputItem.FunctionCall, input: [UInt8]) {
        member("type", literal: "tool_use")
        member("id", call.callID)
        member("name", call.name)
        member("input") { $0.raw(input) }
        member("caller") { $0.literal(#"{"type":"direct"}"#) }
    }
}

extension Usage {
    /// `input_tokens` here are those that no cache had.
    func writeAsMessages(to json: inout JSONWriter) {
        json.object { json in
            json.member("input_tokens", max(0, inputTokens - cachedTokens - cacheWriteTokens))
            json.member("cache_creation_input_tokens", cacheWriteTokens)
            json.member("cache_read_input_tokens", cachedTokens)
            json.member("cache_creation") { $0.null() }
            json.member("output_tokens", outputTokens)
            json.member("output_tokens_details") { json in
                json.object { $0.member("thinking_tokens", reasoningTokens) }
            }
            json.member("server_tool_use") { $0.null() }
            json.member("service_tier") { $0.null() }
            json.member("inference_geo") { $0.null() }
        }
    }
}
