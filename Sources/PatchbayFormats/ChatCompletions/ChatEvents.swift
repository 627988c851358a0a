import PatchbayJSON
import PatchbayModel

/// Writes a stream of chat completion chunks, which ends in `[DONE]`.
package struct ChatEventEncoder: EventEncoder {
    private let includesUsage: Bool
    /// Every chunk up to its delta, and from its delta on where nothing else is to be said.
    private var prefix: [UInt8] = []
    private var suffix: [UInt8] = []
    /// The calls that haven't ended. The first is being said, what the hub says of another meanwhile waits: clients take
    /// a call as complete when the next begins.
    private var calls: [Call] = []
    private var callCount = 0
    /// The reasoning that was said last: its item, and whether its summary was.
    private var reasoning: (item: Int, isSummary: Bool)?
    /// How many entries of `reasoning_details` were said.
    private var detailCount = 0

    private struct Call {
        /// The item in the hub, and the number in `tool_calls`.
        let item: Int
        let number: Int
        let call: ChatCall
        var waiting = ""
        var isEnded = false
    }

    /// The number of the choice that this writes, and who writes those after it. Of several, each ends with its finish
    /// reason, and the stream with `encodeEnd`.
    private let index: Int
    private let isOneOfSeveral: Bool
    private var others: [ChatEventEncoder] = []
    /// Of several: the answer that began first, whose id the stream has.
    private var first: Response?

    init(includesUsage: Bool, choices: Int = 1) {
        self.init(includesUsage: includesUsage, index: 0, isOneOfSeveral: choices > 1)
        others = (1..<max(choices, 1)).map { Self(includesUsage: includesUsage, index: $0, isOneOfSeveral: true) }
    }

    private init(includesUsage: Bool, index: Int, isOneOfSeveral: Bool) {
        self.includesUsage = includesUsage
        self.index = index
        self.isOneOfSeveral = isOneOfSeveral
    }

    package mutating func encode(_ event: ResponseEvent, of choice: Int, into json: inout JSONWriter) {
        var event = event
        if case .created(var response) = event {
            first = first ?? response
            if let first { (response.id, response.createdAt) = (first.id, first.createdAt) }
            event = .created(response)
        }
        if choice == 0 {
            encode(event, into: &json)
        } else if others.indices.contains(choice - 1) {
            others[choice - 1].encode(event, into: &json)
        }
    }

    package mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .textDelta(_, _, let text, let logprobs):
            begin(&json)
            json.verbatim("{\"content\":")
            json.string(text)
            end(&json, logprobs: logprobs)
        case .refusalDelta(_, _, let text):
            begin(&json)
            json.verbatim("{\"refusal\":")
            json.string(text)
            end(&json)
        case .reasoningDelta(let item, _, let text): think(text, item.index, isSummary: false, &json)
        case .summaryDelta(let item, _, let text): think(text, item.index, isSummary: true, &json)
        case .argumentsDelta(let item, let text):
            guard let at = calls.firstIndex(where: { $0.item == item.index }) else { return }
            if at == 0 { encode(arguments: text, of: calls[0], &json) } else { calls[at].waiting += text }
        default:
            encodeBoundary(event, into: &json)
        }
    }

    /// Of an item that has its reasoning and a summary of it, what comes first is said.
    private mutating func think(_ text: String, _ item: Int, isSummary: Bool, _ json: inout JSONWriter) {
        if reasoning?.item != item { reasoning = (item, isSummary) }
        guard reasoning?.isSummary == isSummary else { return }
        begin(&json)
        json.verbatim("{\"reasoning_content\":")
        json.string(text)
        end(&json)
    }

    /// What opens and closes things: rare, beside the deltas.
    private mutating func encodeBoundary(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .created(let response):
            prepare(response)
            begin(&json)
            json.verbatim("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
            end(&json)
        case .itemAdded(let index, let item): encode(item, at: index, &json)
        case .itemDone(_, .reasoning(let item)):
            var details = JSONWriter()
            details.array { ChatReasoning.write(item, index: &detailCount, to: &$0) }
            guard item.encryptedContent != nil else { return }
            begin(&json)
            json.verbatim("{\"reasoning_details\":")
            json.verbatim(details.bytes)
            end(&json)
        case .itemDone(let index, _): endCall(index, &json)
        case .annotationAdded(_, _, _, let annotation):
            guard let annotation = ChatAnnotation(annotation) else { return }
            begin(&json)
            json.verbatim("{\"annotations\":[")
            json.verbatim(annotation.json)
            json.verbatim("]")
            end(&json)
        case .error(let error):
            json.verbatim("data: ")
            json.object { $0.member("error", error) }
            json.verbatim("\n\n")
        case .completed(let response), .incomplete(let response): encodeEnd(response, &json)
        case .failed: json.verbatim("data: [DONE]\n\n")
        case .queued, .inProgress, .partAdded, .partDone, .argumentsDone, .summaryPartAdded, .summaryPartDone,
            .compacting, .textDelta, .refusalDelta, .reasoningDelta, .summaryDelta, .argumentsDelta:
            break  // chat has no such event, or it is written above
        }
    }

    private mutating func encode(_ item: OutputItem, at index: Int, _ json: inout JSONWriter) {
        let call: ChatCall
        switch item {
        case .functionCall(let item):
            guard !item.isServers else { return }
            call = ChatCall(item)
        case .opaque(let item):
            guard let custom = ChatCall(custom: item) else { return }
            call = custom
        case .message, .reasoning: return
        }
        calls.append(Call(item: index, number: callCount, call: call))
        callCount += 1
        if calls.count == 1 { encodeStart(of: calls[0], &json) }
    }

    private func encodeStart(of call: Call, _ json: inout JSONWriter) {
        begin(&json)
        json.verbatim("{\"tool_calls\":[")
        json.object { call.call.write(index: call.number, to: &$0) }
        json.verbatim("]")
        end(&json)
        if !call.waiting.isEmpty { encode(arguments: call.waiting, of: call, &json) }
    }

    private func encode(arguments text: String, of call: Call, _ json: inout JSONWriter) {
        begin(&json)
        json.verbatim("{\"tool_calls\":[{\"index\":")
        json.int(call.number)
        json.verbatim(",\"function\":{\"arguments\":")
        json.string(text)
        json.verbatim("}}]")
        end(&json)
    }

    private mutating func endCall(_ item: Int, _ json: inout JSONWriter) {
        guard let at = calls.firstIndex(where: { $0.item == item }) else { return }
        calls[at].isEnded = true
        while let call = calls.first, call.isEnded {
            calls.removeFirst()
            if let next = calls.first { encodeStart(of: next, &json) }
        }
    }

    private mutating func encodeEnd(_ response: Response, _ json: inout JSONWriter) {
        begin(&json)
        json.verbatim("{},\"logprobs\":null,\"finish_reason\":")
        json.string(response.finishReason(hasCalls: callCount > 0))
        json.verbatim(includesUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n")
        if !isOneOfSeveral { encodeEnd(of: response, usage: response.usage, &json) }
    }

    package mutating func encodeEnd(usage: Usage?, into json: inout JSONWriter) {
        encodeEnd(of: first, usage: usage, &json)
    }

    private func encodeEnd(of response: Response?, usage: Usage?, _ json: inout JSONWriter) {
        if includesUsage, let response, let usage {
            json.verbatim("data: ")
            json.object { json in
                write(response, &json)
                json.member("choices") { $0.array { _ in } }
                json.member("usage") { usage.writeAsChat(to: &$0) }
            }
            json.verbatim("\n\n")
        }
        json.verbatim("data: [DONE]\n\n")
    }

    /// What all chunks have.
    private func write(_ response: Response, _ json: inout JSONWriter) {
        json.member("id", response.chatID)
        json.member("object", literal: "chat.completion.chunk")
        json.member("created", response.createdAt)
        json.member("model", response.model)
        if let tier = response.fields["service_tier"] { json.member("service_tier") { $0.raw(tier) } }
    }

    private mutating func prepare(_ response: Response) {
        var json = JSONWriter(capacity: 256)
        json.verbatim("data: ")
        json.beginObject()
        write(response, &json)
        json.verbatim(",\"choices\":[{\"index\":")
        json.int(index)
        json.verbatim(",\"delta\":")
        prefix = json.bytes
        suffix = Array((includesUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n").utf8)
    }

    private func begin(_ json: inout JSONWriter) {
        json.verbatim(prefix.span)
    }

    /// Closes the delta and the chunk.
    private func end(_ json: inout JSONWriter, logprobs: [[UInt8]] = []) {
        if logprobs.isEmpty {
            json.verbatim("},\"logprobs\":null,\"finish_reason\":null")
        } else {
            json.verbatim("},\"logprobs\":")
            ChatMessage.write(logprobs, to: &json)
            json.verbatim(",\"finish_reason\":null")
        }
        json.verbatim(suffix.span)
    }
}
