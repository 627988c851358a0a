import PatchbayJSON
import PatchbayModel

/// Writes a stream of Anthropic's events. One block is open at a time there: what the hub says of a later one
/// meanwhile waits until the open one has ended.
package struct MessagesEventEncoder: EventEncoder {
    /// A block that isn't closed yet.
    private struct Block {
        enum Kind { case text, thinking(isSummary: Bool), call(OutputItem.FunctionCall), own([UInt8]) }
        var kind: Kind
        /// The item in the hub, and the part for a text.
        var item: Int
        var part = 0
        /// What is to be said of it before it is opened.
        var waiting = ""
        var citations: [[UInt8]] = []
        var signature: String?
        var isEnded = false

        var isSummary: Bool { if case .thinking(isSummary: true) = kind { true } else { false } }
    }

    /// The blocks from the open one on.
    private var blocks: [Block] = []
    private var isOpen = false
    /// The number of the first of `blocks`.
    private var number = 0
    private var hasCalls = false
    private var isRefusal = false

    package mutating func encode(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .textDelta(let item, let part, let text, _), .refusalDelta(let item, let part, let text):
            say(text, item.index, part: part, &json)
        case .reasoningDelta(let item, let part, let text): think(text, item.index, part, isSummary: false, &json)
        case .summaryDelta(let item, let part, let text): think(text, item.index, part, isSummary: true, &json)
        case .argumentsDelta(let item, let text):
            say(text, item.index, part: 0, &json)
        default:
            encodeBoundary(event, into: &json)
        }
    }

    private mutating func encodeBoundary(_ event: ResponseEvent, into json: inout JSONWriter) {
        switch event {
        case .created(let response): encodeStart(response, &json)
        case .itemAdded(let index, .functionCall(let call)) where !call.isServers:
            hasCalls = true
            add(Block(kind: .call(call), item: index), &json)
        case .partAdded(let item, let part, .text):
            add(Block(kind: .text, item: item.index, part: part), &json)
        case .partAdded(let item, let part, .refusal):
            isRefusal = true
            add(Block(kind: .text, item: item.index, part: part), &json)
        case .partDone(let item, let part, .text), .partDone(let item, let part, .refusal):
            end({ $0.item == item.index && $0.part == part }, &json)
        case .itemDone(let index, .reasoning(let reasoning)):
            let signature = reasoning.encryptedContent
            if !blocks.contains(where: { $0.item == index }) {
                guard let signature else { return }
                add(Self.hidden(signature, item: index), &json)
            } else if let at = blocks.firstIndex(where: { $0.item == index }) {
                blocks[at].signature = MessagesAnswer.signature(signature, isSummary: blocks[at].isSummary)
            }
            end({ $0.item == index }, &json)
        case .itemDone(let index, .functionCall): end({ $0.item == index }, &json)
        case .itemDone(let index, .opaque(let item)):
            guard let own = MessagesAnswer.own(item) else { return }
            add(Block(kind: .own(own), item: index), &json)
            end({ $0.item == index }, &json)
        case .annotationAdded(let item, let part, _, let annotation):
            guard let citation = MessagesCitation.citation(of: annotation),
                let at = blocks.firstIndex(where: { $0.item == item.index && $0.part == part })
            else { return }
            if at == 0 { write(citation: citation, &json) } else { blocks[at].citations.append(citation) }
        case .error(let error):
            begin("error", &json)
            json.write(messagesError: error)
            json.verbatim("\n\n")
        case .completed(let response), .incomplete(let response): encodeEnd(response, &json)
        case .failed, .queued, .inProgress, .itemAdded, .itemDone, .partAdded, .partDone,
            .argumentsDone, .summaryPartAdded, .summaryPartDone, .compacting, .textDelta, .refusalDelta,
            .argumentsDelta, .reasoningDelta, .summaryDelta:
            break  // Anthropic has no such event, or it is written above
        }
    }

    // MARK: Blocks

    /// Thinking without a text: signed, which is said as thinking that has one, or redacted.
    private static func hidden(_ opaque: String, item: Int) -> Block {
        if opaque.hasPrefix(MessagesAnswer.signatureMark) {
            var block = Block(kind: .thinking(isSummary: false), item: item)
            block.signature = MessagesAnswer.signature(opaque, isSummary: false)
            return block
        }
        var json = JSONWriter()
        json.object { $0.writeHiddenThinking(opaque) }
        return Block(kind: .own(json.bytes), item: item)
    }

    private mutating func add(_ block: Block, _ json: inout JSONWriter) {
        blocks.append(block)
        if blocks.count == 1 { open(&json) }
    }

    private mutating func say(_ text: String, _ item: Int, part: Int, _ json: inout JSONWriter) {
        guard let at = blocks.firstIndex(where: { $0.item == item && $0.part == part }) else { return }
        if at == 0 { write(text, of: blocks[0], &json) } else { blocks[at].waiting += text }
    }

    /// All parts of a reasoning item are one block, with an empty line between them. Of an item that has its reasoning
    /// and a summary of it, what comes first is said.
    private mutating func think(_ text: String, _ item: Int, _ part: Int, isSummary: Bool, _ json: inout JSONWriter) {
        if !blocks.contains(where: { $0.item == item }) {
            add(Block(kind: .thinking(isSummary: isSummary), item: item, part: part), &json)
        }
        guard let at = blocks.firstIndex(where: { $0.item == item }), case .thinking(isSummary) = blocks[at].kind else {
            return
        }
        if blocks[at].part != part {
            say("\n\n", item, part: blocks[at].part, &json)
            blocks[at].part = part
        }
        say(text, item, part: part, &json)
    }

    private mutating func end(_ isMeant: (Block) -> Bool, _ json: inout JSONWriter) {
        guard let at = blocks.firstIndex(where: isMeant) else { return }
        blocks[at].isEnded = true
        while let block = blocks.first, block.isEnded {
            close(block, &json)
            blocks.removeFirst()
            number += 1
            if !blocks.isEmpty { open(&json) }
        }
    }

    private mutating func open(_ json: inout JSONWriter) {
        let block = blocks[0]
        begin("content_block_start", &json)
        json.object { json in
            json.member("type", literal: "content_block_start")
            json.member("index", number)
            json.member("content_block") { json in
                switch block.kind {
                case .text: json.object { $0.writeText("") }
                case .thinking: json.object { $0.writeThinking("", signature: "") }
                case .call(let call): json.object { $0.writeToolUse(call, input: Array("{}".utf8)) }
                case .own(let own): json.raw(own)
                }
            }
        }
        json.verbatim("\n\n")
        if !block.waiting.isEmpty {
            write(block.waiting, of: block, &json)
            blocks[0].waiting = ""
        }
        for citation in block.citations { write(citation: citation, &json) }
    }

    private func close(_ block: Block, _ json: inout JSONWriter) {
        if let signature = block.signature {
            writeDelta(&json) { json in
                json.member("type", literal: "signature_delta")
                json.member("signature", signature)
            }
        }
        begin("content_block_stop", &json)
        json.object { json in
            json.member("type", literal: "content_block_stop")
            json.member("index", number)
        }
        json.verbatim("\n\n")
    }

    private func write(_ text: String, of block: Block, _ json: inout JSONWriter) {
        writeDelta(&json) { json in
            switch block.kind {
            case .text, .own:
                json.member("type", literal: "text_delta")
                json.member("text", text)
            case .thinking:
                json.member("type", literal: "thinking_delta")
                json.member("thinking", text)
            case .call:
                json.member("type", literal: "input_json_delta")
                json.member("partial_json", text)
            }
        }
    }

    private func write(citation: [UInt8], _ json: inout JSONWriter) {
        writeDelta(&json) { json in
            json.member("type", literal: "citations_delta")
            json.member("citation") { $0.raw(citation) }
        }
    }

    private func writeDelta(_ json: inout JSONWriter, _ write: (inout JSONWriter) -> Void) {
        begin("content_block_delta", &json)
        json.beginObject()
        json.member("type", literal: "content_block_delta")
        json.member("index", number)
        json.key("delta")
        json.object(write)
        json.endObject()
        json.verbatim("\n\n")
    }

    // MARK: The message

    private func begin(_ type: StaticString, _ json: inout JSONWriter) {
        json.verbatim("event: ")
        json.verbatim(type)
        json.verbatim("\ndata: ")
    }

    private func encodeStart(_ response: Response, _ json: inout JSONWriter) {
        begin("message_start", &json)
        json.object { json in
            json.member("type", literal: "message_start")
            json.member("message") { json in
                json.object { json in
                    response.writeMessageHead(to: &json)
                    json.member("content") { $0.array { _ in } }
                    for name in ["stop_reason", "stop_sequence", "stop_details", "container"] as [StaticString] {
                        json.member(name) { $0.null() }
                    }
                    json.member("usage") { Usage().writeAsMessages(to: &$0) }
                }
            }
        }
        json.verbatim("\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n")
    }

    private func encodeEnd(_ response: Response, _ json: inout JSONWriter) {
        begin("message_delta", &json)
        json.object { json in
            json.member("type", literal: "message_delta")
            json.member("delta") { json in
                json.object { json in
                    json.member("stop_reason", response.stopReason(hasCalls: hasCalls, isRefusal: isRefusal))
                    json.member("stop_sequence", response.stopSequence)
                    json.member("stop_details") { $0.null() }
                    json.member("container") { $0.null() }
                }
            }
            json.member("usage") { (response.usage ?? Usage()).writeAsMessages(to: &$0) }
        }
        json.verbatim("\n\n")
        begin("message_stop", &json)
        json.verbatim("{\"type\":\"message_stop\"}\n\n")
    }
}
