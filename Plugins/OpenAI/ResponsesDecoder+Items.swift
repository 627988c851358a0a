extension ResponsesDecoder {
    /// A whole output item, of which nothing was pushed yet.
    func push(_ item: JSONValue, index: Int, _ output: Output) throws(Failure) {
        switch item["type"]?.string {
        case "message":
            guard let parts = item["content"]?.array else { throw .nonsense("The upstream's message has no content.") }
            for part in parts { push(part: part, output) }
            if !parts.isEmpty { output.endItem() }
        case "reasoning":
            let texts = (item["content"] ?? item).elements.compactMap { $0["text"]?.text }
            let summaries = (item["summary"] ?? item).elements.prefix(1024).map { $0["text"]?.text }
            let opaque = item["encrypted_content"]?.text
            for text in texts {
                output.reasoning(text)
                output.endPart()
            }
            for case (let number, let text?) in summaries.enumerated() { output.summary(text, part: UInt32(number)) }
            if let opaque { output.opaqueReasoning(opaque) }
            if !texts.isEmpty || opaque != nil || summaries.contains(where: { $0 != nil }) { output.endItem() }
        case "function_call":
            if calls[index] == nil { try begin(item, index, output) }
            if calls[index] == .named { try arguments(item, "arguments", index, output) }
            if calls[index] != .ended { output.endToolCall(UInt32(index)) }
            calls[index] = .ended
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

    func begin(_ item: JSONValue, _ index: Int, _ output: Output) throws(Failure) {
        if !(0..<Self.maxCalls).contains(index) { throw .nonsense("The upstream's output is out of all bounds.") }
        let name = item["name"]?.string ?? ""
        if name.isEmpty { throw .nonsense("The upstream calls a tool without a name.") }
        calls[index] = .named
        output.beginToolCall(UInt32(index), id: item["call_id"]?.string ?? "", name: name)
        try arguments(item, "arguments", index, output)
    }

    func arguments(_ value: JSONValue, _ key: StaticString, _ index: Int, _ output: Output) throws(Failure) {
        guard let state = calls[index], state != .ended else {
            throw .nonsense("The upstream sent arguments of a tool call that isn't open.")
        }
        guard let text = value[key]?.text else { return }
        calls[index] = .hasArguments
        output.arguments(text, call: UInt32(index))
    }
}
