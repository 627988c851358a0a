import PatchbayJSON
import PatchbayModel

/// Messages and reasoning: items that are made of parts.
extension AnswerBuilder {
    /// Appends to the open text, which is what nearly all events do, and says so. Nil, and nothing is done: there is no
    /// open text, or more is to be said.
    mutating func extendText(_ text: String) throws(GatewayError) -> ResponseEvent? {
        guard part?.kind == .text, pendingLogprobs.isEmpty, let item = part?.item, let index = part?.index else {
            return nil
        }
        try spend(text.utf8.count)
        part?.text += text
        return .textDelta(item, part: index, text, logprobs: [])
    }

    /// Appends to the open part if it is of this kind; else ends what must end and opens what must be open.
    mutating func append(_ text: String, to kind: OpenPart.Kind, _ emit: Emit) throws(GatewayError) {
        if part?.kind != kind { try openPart(kind, emit) }
        guard let item = part?.item, let index = part?.index else { return }
        part?.text += text
        switch kind {
        case .text:
            let logprobs = pendingLogprobs
            if !logprobs.isEmpty {
                pendingLogprobs = []
                part?.logprobs.append(contentsOf: logprobs)
            }
            emit(.textDelta(item, part: index, text, logprobs: logprobs))
        case .refusal: emit(.refusalDelta(item, part: index, text))
        case .reasoning: emit(.reasoningDelta(item, part: index, text))
        case .summary: emit(.summaryDelta(item, part: index, text))
        }
    }

    private var openSlot: Int? {
        switch open {
        case .message(let slot), .reasoning(let slot): slot
        case .none: nil
        }
    }

    private mutating func openPart(_ kind: OpenPart.Kind, _ emit: Emit) throws(GatewayError) {
        switch kind {
        case .text, .refusal:
            let slot = try openMessage(emit)
            guard case .message(let message) = slots[slot].item else { return }
            let part = OpenPart(kind: kind, item: reference(slot), index: message.parts.count)
            self.part = part
            emit(.partAdded(part.item, part: part.index, part.content))
        case .reasoning, .summary:
            let slot = try openReasoning(emit)
            guard case .reasoning(let reasoning) = slots[slot].item else { return }
            let isSummary = kind != .reasoning
            let part = OpenPart(
                kind: kind, item: reference(slot), index: isSummary ? reasoning.summary.count : reasoning.content.count)
            self.part = part
            emit(
                isSummary
                    ? .summaryPartAdded(part.item, part: part.index)
                    : .partAdded(part.item, part: part.index, part.content))
        }
    }

    /// The slot of the open message, its open part ended; a new message if another item is open.
    private mutating func openMessage(_ emit: Emit) throws(GatewayError) -> Int {
        if case .message(let slot) = open {
            endPart(emit)
            return slot
        }
        endOpenItem(status: .completed, emit)
        let slot = try addSlot(.message(OutputItem.Message(id: Identifier.message())), emit)
        open = .message(slot: slot)
        return slot
    }

    private mutating func openReasoning(_ emit: Emit) throws(GatewayError) -> Int {
        if case .reasoning(let slot) = open {
            endPart(emit)
            return slot
        }
        endOpenItem(status: .completed, emit)
        let slot = try addSlot(.reasoning(OutputItem.Reasoning(id: Identifier.reasoning())), emit)
        open = .reasoning(slot: slot)
        return slot
    }

    mutating func setEncryptedContent(_ content: String, _ emit: Emit) throws(GatewayError) {
        let slot = try openReasoning(emit)
        guard case .reasoning(var reasoning) = slots[slot].item else { return }
        reasoning.encryptedContent = content
        slots[slot].item = .reasoning(reasoning)
    }

    mutating func addAnnotation(_ json: [UInt8], _ emit: Emit) throws(GatewayError) {
        guard (try? JSONDocument.parse(json))?.root.kind == .object else {
            throw Self.nonsense("an annotation that is no JSON object")
        }
        if part?.kind != .text { try openPart(.text, emit) }
        guard let item = part?.item, let index = part?.index else { return }
        part?.annotations.append(json)
        let last = (part?.annotations.count ?? 0) - 1
        emit(.annotationAdded(item, part: index, index: last, json))
    }

    /// Ends the open part, if one is, and puts it into its item.
    mutating func endPart(_ emit: Emit) {
        guard let slot = openSlot, let part else { return }
        self.part = nil
        switch slots[slot].item {
        case .message(var message):
            message.parts.append(part.content)
            slots[slot].item = .message(message)
            emit(.partDone(part.item, part: part.index, part.content))
        case .reasoning(var reasoning) where part.kind == .reasoning:
            reasoning.content.append(part.text)
            slots[slot].item = .reasoning(reasoning)
            emit(.partDone(part.item, part: part.index, part.content))
        case .reasoning(var reasoning):
            reasoning.summary.append(part.text)
            slots[slot].item = .reasoning(reasoning)
            emit(.summaryPartDone(part.item, part: part.index, part.text))
        case .functionCall, .opaque:
            break
        }
    }

    /// Ends the open message or reasoning item, if one is.
    mutating func endOpenItem(status: OutputItem.Status, _ emit: Emit) {
        endPart(emit)
        switch open {
        case .message(let slot):
            if case .message(var message) = slots[slot].item {
                message.status = status
                slots[slot].item = .message(message)
            }
            slots[slot].ended = true
        case .reasoning(let slot):
            if case .reasoning(var reasoning) = slots[slot].item {
                reasoning.status = status
                slots[slot].item = .reasoning(reasoning)
            }
            slots[slot].ended = true
        case .none:
            return
        }
        open = .none
        settle(emit)
    }
}

extension AnswerBuilder.OpenPart {
    /// The part as it is so far.
    var content: ContentPart {
        switch kind {
        case .text: .text(text, annotations: annotations, logprobs: logprobs)
        case .refusal: .refusal(text)
        case .reasoning, .summary: .reasoning(text)
        }
    }
}
