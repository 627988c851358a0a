extension ResponsesDecoder {
    /// A whole output item, of which nothing was pushed yet.
    func push(_ item: JSONValue, index: UInt32, _ output: Output) throws(Failure) {
        switch item["type"]?.string {
        case "message":
            guard let parts = item["content"]?.array else { throw .nonsense("The upstream's message has no content.") }
            for part in parts { push(part: part, output) }
            if !parts.isEmpty { output.endItem() }
        case "reasoning":
            var isEmpty = true
            for part in item["content"]?.elements ?? item.elements {
                if let text = part["text"]?.text {
                    output.reasoning(text)
                    output.endPart()
                    isEmpty = false
                }
            }
            for (number, part) in (item["summary"]?.elements ?? item.elements).prefix(1024).enumerated() {
                if let text = part["text"]?.text {
                    output.summary(text, part: UInt32(number))
                    isEmpty = false
                }
            }
            if let opaque = item["encrypted_content"]?.text {
                output.opaqueReasoning(opaque)
                isEmpty = false
            }
            if !isEmpty { output.endItem() }
        case "function_call":
            guard let name = item["name"]?.string, !name.isEmpty else {
                throw .nonsense("The upstream calls a tool without a name.")
            }
            guard index < Self.maxCalls else { throw .nonsense("The upstream's output has too many items.") }
            output.beginToolCall(index, id: item["call_id"]?.string ?? "", name: name)
            if let arguments = item["arguments"]?.text { output.arguments(arguments, call: index) }
            output.endToolCall(index)
        case .some:
            // Of a kind that has no events: as it is, without the id, since ids are the host's.
            var json = JSONWriter(capacity: item.raw.count)
            json.object { item.writeMembers(to: &$0, except: ["id"]) }
            output.item(json.bytes[...])
        case nil: throw .nonsense("The upstream's output item has no type.")
        }
    }

    private func push(part: JSONValue, _ output: Output) {
        if let text = part["text"]?.text {
            if let logprobs = part["logprobs"], logprobs.count > 0 { output.logprobs(logprobs.raw) }
            output.text(text)
        } else if let text = part["refusal"]?.text {
            output.refusal(text)
        } else {
            return
        }
        for annotation in (part["annotations"] ?? part).elements where annotation.kind == .object {
            output.annotation(annotation.raw)
        }
        output.endPart()
    }

    /// The events of a stream that say something; all others tell the progress of what comes whole at its end.
    enum Event {
        case textDelta, textDone, refusalDelta, refusalDone, reasoningDelta, reasoningDone, summaryDelta, summaryDone
        case partDone, annotation, itemAdded, itemDone, argumentsDelta, argumentsDone, started, ended, error

        init?(_ type: JSONValue) {
            // By far the most frequent first, without a String.
            if type.stringEquals("response.output_text.delta") {
                self = .textDelta
                return
            }
            switch type.string ?? "" {
            case "response.output_text.done": self = .textDone
            case "response.refusal.delta": self = .refusalDelta
            case "response.refusal.done": self = .refusalDone
            case "response.reasoning_text.delta", "response.reasoning.delta": self = .reasoningDelta
            case "response.reasoning_text.done", "response.reasoning.done": self = .reasoningDone
            case "response.reasoning_summary_text.delta", "response.reasoning_summary.delta": self = .summaryDelta
            case "response.reasoning_summary_text.done", "response.reasoning_summary.done": self = .summaryDone
            case "response.content_part.done", "response.reasoning_part.done", "response.reasoning_summary_part.done":
                self = .partDone
            case "response.output_text.annotation.added": self = .annotation
            case "response.output_item.added": self = .itemAdded
            case "response.output_item.done": self = .itemDone
            case "response.function_call_arguments.delta": self = .argumentsDelta
            case "response.function_call_arguments.done": self = .argumentsDone
            case "response.created", "response.in_progress": self = .started
            case "response.completed", "response.incomplete", "response.failed", "response.cancelled": self = .ended
            case "error", "response.error": self = .error
            default: return nil
            }
        }
    }
}
