import PatchbayJSON
import PatchbayModel

/// Messages and reasoning: items that are made of parts.
extension AnswerBuilder {
    /// Appends to the open part if it is of this kind; else ends what must end and opens what must be open.
    mutating func append(_ text: String, to kind: OpenPart.Kind, _ emit: Emit) throws(GatewayError) {
        if !isOpen(kind) { try openPart(kind, emit) }
        switch open {
        case .message(let slot, var part?):
            open = .none  // the part's text must have one owner while it grows
            part.text += text
            let index = part.index
            if kind == .text {
                let logprobs = pendingLogprobs
                if !logprobs.isEmpty {
                    pendingLogprobs = []
                    part.logprobs.append(contentsOf: logprobs)
                }
                open = .message(slot: slot, part: part)
                emit(.textDelta(reference(slot), part: index, text, logprobs: logprobs))
            } else {
                open = .message(slot: slot, part: part)
                emit(.refusalDelta(reference(slot), part: index, text))
            }
        case .reasoning(let slot, var part?):
            open = .none
            part.text += text
            let index = part.index
            open = .reasoning(slot: slot, part: part)
            if kind == .reasoning {
                emit(.reasoningDelta(reference(slot), part: index, text))
            } else {
                emit(.summaryDelta(reference(slot), part: index, text))
            }
        default:
            break
        }
    }

    private func isOpen(_ kind: OpenPart.Kind) -> Bool {
        switch open {
        case .message(_, let part?), .reasoning(_, let part?): part.kind == kind
        default: false
        }
    }

    private mutating func openPart(_ kind: OpenPart.Kind, _ emit: Emit) throws(GatewayError) {
        switch kind {
        case .text, .refusal:
            let slot = try openMessage(emit)
            guard case .message(let message) = slots[slot].item else { return }
            let part = OpenPart(kind: kind, index: message.parts.count)
            open = .message(slot: slot, part: part)
            emit(.partAdded(reference(slot), part: part.index, part.content))
        case .reasoning, .summary:
            let slot = try openReasoning(emit)
            guard case .reasoning(let reasoning) = slots[slot].item else { return }
            let isSummary = kind != .reasoning
            let part = OpenPart(kind: kind, index: isSummary ? reasoning.summary.count : reasoning.content.count)
            open = .reasoning(slot: slot, part: part)
            emit(
                isSummary
                    ? .summaryPartAdded(reference(slot), part: part.index)
                    : .partAdded(reference(slot), part: part.index, part.content))
        }
    }

    /// The slot of the open message, its open part ended; a new message if another item is open.
    private mutating func openMessage(_ emit: Emit) throws(GatewayError) -> Int {
        if case .message(let slot, _) = open {
            endPart(emit)
            return slot
        }
        endOpenItem(status: .completed, emit)
        let slot = try addSlot(.message(OutputItem.Message(id: Identifier.message())), emit)
        open = .message(slot: slot, part: nil)
        return slot
    }

    private mutating func openReasoning(_ emit: Emit) throws(GatewayError) -> Int {
        if case .reasoning(let slot, _) = open {
            endPart(emit)
            return slot
        }
        endOpenItem(status: .completed, emit)
        let slot = try addSlot(.reasoning(OutputItem.Reasoning(id: Identifier.reasoning())), emit)
        open = .reasoning(slot: slot, part: nil)
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
        if !isOpen(.text) { try openPart(.text, emit) }
        guard case .message(let slot, var part?) = open else { return }
        open = .none
        part.annotations.append(json)
        let event = ResponseEvent.annotationAdded(
            reference(slot), part: part.index, index: part.annotations.count - 1, json)
        open = .message(slot: slot, part: part)
        emit(event)
    }

    /// Ends the open part, if one is, and puts it into its item.
    mutating func endPart(_ emit: Emit) {
        switch open {
        case .message(let slot, let part?):
            guard case .message(var message) = slots[slot].item else { return }
            message.parts.append(part.content)
            slots[slot].item = .message(message)
            open = .message(slot: slot, part: nil)
            emit(.partDone(reference(slot), part: part.index, part.content))
        case .reasoning(let slot, let part?):
            guard case .reasoning(var reasoning) = slots[slot].item else { return }
            open = .reasoning(slot: slot, part: nil)
            if part.kind == .reasoning {
                reasoning.content.append(part.text)
                slots[slot].item = .reasoning(reasoning)
                emit(.partDone(reference(slot), part: part.index, part.content))
            } else {
                reasoning.summary.append(part.text)
                slots[slot].item = .reasoning(reasoning)
                emit(.summaryPartDone(reference(slot), part: part.index, part.text))
            }
        default:
            break
        }
    }

    /// Ends the open message or reasoning item, if one is.
    mutating func endOpenItem(status: OutputItem.Status, _ emit: Emit) {
        endPart(emit)
        switch open {
        case .message(let slot, _):
            if case .message(var message) = slots[slot].item {
                message.status = status
                slots[slot].item = .message(message)
            }
            slots[slot].ended = true
        case .reasoning(let slot, _):
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
