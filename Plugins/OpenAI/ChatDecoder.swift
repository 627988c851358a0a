import CPatchbay

/// Chat completions, streamed or whole, into events. Only the first choice counts: a request asks for one.
final class ChatDecoder: Decoder {
    private(set) var finish: Int32?
    private(set) var isOver = false
    private(set) var usage: Usage?
    private var calls = ToolCalls()
    private var hasBegun = false

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        // Azure's first chunk tells of its filters alone, with neither.
        if !hasBegun, value["id"]?.text != nil || value["model"]?.text != nil {
            hasBegun = true
            output.upstream(responseID: value["id"]?.string ?? "", model: value["model"]?.string ?? "")
        }
        if let counts = Usage(openAI: value["usage"]) { usage = counts }
        guard let choices = value["choices"]?.present else { return }
        guard choices.kind == .array else { throw .nonsense("The upstream's choices are not an array.") }
        guard let choice = choices.elements.first(where: { $0["index"]?.int ?? 0 == 0 }) else { return }
        // As OpenRouter hands on what its provider says.
        if let error = choice["error"]?.present { throw UpstreamError(error).failure() }
        if let delta = (choice["delta"] ?? choice["message"])?.present { try self.delta(delta, choice, output) }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty { try end(reason, output) }
    }

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let choice = value["choices"]?[0], choice["message"]?.kind == .object else {
            throw .nonsense("The upstream's reply has no choices.")
        }
        try event(value, to: output)
        if finish == nil { try end("stop", output) }
    }

    /// Servers that give no `finish_reason` still mark the end.
    func mark(to output: Output) throws(Failure) {
        if finish == nil {
            guard !output.isEmpty else { throw .unfinished }
            try end("stop", output)
        }
        isOver = true
    }

    private func delta(_ delta: JSONValue, _ choice: JSONValue, _ output: Output) throws(Failure) {
        let content = delta["content"]
        let isMore = delta.members.count > (content == nil ? 0 : 1)
        if isMore {
            // Both names for one thing; a few servers send it under both.
            let text = delta["reasoning_content"]?.text ?? delta["reasoning"]?.text
            ReasoningDetails.push(delta["reasoning_details"]?.present, text: text, to: output)
        }
        if let content, content.count > 0 { try self.content(content, choice, output) }
        // Most chunks bring content alone, or a role beside it.
        if delta.members.count <= (content == nil ? 0 : 1) + (delta.has("role") ? 1 : 0) { return }
        if let text = delta["refusal"]?.text { output.refusal(text) }
        for annotation in (delta["annotations"] ?? delta).elements where annotation.kind == .object {
            output.annotation(Self.annotation(annotation))
        }
        if let call = delta["function_call"], call.kind == .object { try calls.take(call, position: 0, output) }
        guard let tools = delta["tool_calls"]?.present else { return }
        guard tools.kind == .array else { throw .nonsense("The upstream's tool calls are not an array.") }
        for (position, call) in tools.elements.enumerated() { try calls.take(call, position: position, output) }
    }

    private func content(_ content: JSONValue, _ choice: JSONValue, _ output: Output) throws(Failure) {
        if let text = content.text {
            if let logprobs = choice["logprobs"]?["content"], logprobs.kind == .array, logprobs.count > 0 {
                output.logprobs(logprobs.raw)
            }
            return output.text(text)
        }
        guard content.kind == .array else { throw .nonsense("The upstream's content is \(content.kind).") }
        // Parts, as Mistral's servers send them.
        for part in content.elements {
            if let thinking = part["thinking"] {
                let texts = thinking.kind == .array ? thinking.elements.map { $0["text"]?.text } : [thinking.text]
                for case let text? in texts { output.reasoning(text) }
            } else if let text = part["text"]?.text {
                output.text(text)
            } else if let text = part["refusal"]?.text {
                output.refusal(text)
            }
        }
    }

    private func end(_ reason: String, _ output: Output) throws(Failure) {
        try calls.flush(output)
        switch reason {
        case "length", "max_tokens", "model_length": finish = Int32(PBAY_FINISH_LENGTH)
        case "content_filter": finish = Int32(PBAY_FINISH_CONTENT_FILTER)
        case "error", "abort": throw .nonsense("The upstream broke off its answer with an error.")
        case "insufficient_system_resource": throw UpstreamError(text: "", code: reason).failure()
        default: finish = Int32(PBAY_FINISH_STOP)
        }
    }

    /// Chat nests what Responses has flat: `{"type": "url_citation", "url_citation": {"url", …}}`.
    private static func annotation(_ value: JSONValue) -> ArraySlice<UInt8> {
        guard let nested = value["type"]?.string.flatMap({ value[key: $0] })?.object else { return value.raw }
        var json = JSONWriter()
        json.object { json in
            json.copy(["type"], of: value)
            for member in nested where !member.keyEquals("type") { json.raw(member.raw) }
        }
        return json.bytes[...]
    }
}
