/// Items to messages.
extension ChatRequest {
    /// `instructions`, and the system and developer messages that the input begins with, become one leading system
    /// message. Later ones stay where they are.
    mutating func writeMessages() throws(Failure) {
        json.key("messages")
        json.beginArray()
        let (system, count) = try InputText.leading(request, &leftOut)
        if count > 0 || !system.isEmpty {
            json.object { json in
                json.member("role", literal: "system")
                json.member("content", inside: system)
            }
        }
        var index = 0
        for item in (request["input"] ?? request).elements {
            let path = ItemPath(item: index)
            if index >= count, let checked = try InputItem(item, path) { try write(checked, item, path) }
            index += 1
        }
        endTurn()
        json.endArray()
    }

    private mutating func write(_ item: InputItem, _ value: JSONValue, _ path: ItemPath) throws(Failure) {
        leftOut.mark(of: value)
        switch item {
        case .message(.assistant, let content):
            // A text after calls that are still unanswered belongs to the same message; after another text it doesn't.
            if turn.hasText && turn.calls.isEmpty { endTurn() }
            try InputText.append(content, to: &turn.text, path.field("content"), &leftOut)
            turn.hasText = true
            turn.name = name(of: value)
            leftOut.phase(of: value)
        case .message(let role, let content):
            endTurn()
            json.beginObject()
            json.member("role", literal: role == .user ? "user" : "system")
            if let name = name(of: value) { json.member("name", name) }
            if role == .user, let parts = content?.array {
                try writeParts(parts, path.field("content"))
            } else {
                json.member("content", inside: try InputText.joined(content, path.field("content"), &leftOut))
            }
            json.endObject()
        case .call: turn.calls.append(value)
        case .output(let call, let output, let isError):
            endTurn()
            let text = try InputText.joined(output, path.field("output"), separator: "\\n", &leftOut)
            json.object { json in
                json.member("role", literal: "tool")
                json.member("tool_call_id", call)
                // Chat has no place for an error; the model has to read it.
                json.member("content", inside: isError ? Array("Error: ".utf8) + text : text)
            }
        case .reasoning(let texts):
            // It goes back with the message that it led to.
            if turn.hasText && turn.calls.isEmpty { endTurn() }
            if config.dialect.name == .openrouter, ReasoningDetails.write(value, texts, to: &turn.details) { return }
            leftOut.reasoning(value, hasTexts: !texts.isEmpty)
            for text in texts {
                if !turn.reasoning.isEmpty { turn.reasoning += Array("\\n".utf8) }
                turn.reasoning += text.inside ?? []
            }
        }
    }

    private mutating func endTurn() {
        guard !turn.isEmpty else { return }
        let key = config.dialect.reasoning
        if key == nil, !turn.reasoning.isEmpty { leftOut.hint("earlier reasoning") }
        if turn.hasText || !turn.calls.isEmpty {
            turn.write(to: &json, reasoningKey: key)
        } else if key != nil {
            leftOut.hint("reasoning that led to no answer")
        }
        turn = AssistantTurn()
    }

    private mutating func name(of item: JSONValue) -> JSONValue? {
        let name = leftOut.marks.names ? item["name"]?.present : nil
        if name != nil, !config.dialect.takes(.name) { leftOut.hint("name of a message") }
        return config.dialect.takes(.name) ? name : nil
    }

    mutating func writeMark(of value: JSONValue) {
        if config.dialect.takes(.cacheControl) { return json.copy(["cache_control"], of: value) }
        leftOut.mark(of: value)
    }

    private mutating func writeParts(_ parts: JSONElements, _ path: ItemPath) throws(Failure) {
        // One text alone goes as a string: the simplest servers know nothing else.
        if parts.count == 1, let part = parts.first, part["type"]?.stringEquals("input_text") == true,
            let text = part["text"], text.kind == .string, !part.has("cache_control")
        {
            return json.member("content", text)
        }
        json.key("content")
        json.beginArray()
        for (index, part) in parts.enumerated() {
            json.beginObject()
            try writePart(part, path.part(index))
            writeMark(of: part)
            json.endObject()
        }
        json.endArray()
    }

    private mutating func writePart(_ part: JSONValue, _ path: ItemPath) throws(Failure) {
        switch try InputPart(part, path) {
        case .text(let text):
            json.member("type", literal: "text")
            json.member("text", text)
        case .image(let url) where config.dialect.takes(.images):
            json.member("type", literal: "image_url")
            json.object("image_url") { json in
                json.member("url", url)
                json.copy(["detail"], of: part)
            }
        case .imageFile where config.dialect.takes(.images):
            throw .unsupported(path.text(".file_id"), "This model's provider takes images only by URL or data URL.")
        case .file where config.dialect.takes(.files):
            if part["file_url"]?.present != nil || (part["file_data"] ?? part["file_id"])?.present == nil {
                throw .unsupported(path.text(".file_url"), "This model's provider takes files only by file_data.")
            }
            if part["context"]?.present != nil { leftOut.hint("context of a file") }
            json.member("type", literal: "file")
            json.object("file") { $0.copy(["filename", "file_data", "file_id"], of: part) }
        case .audio where config.dialect.takes(.audio):
            json.member("type", literal: "input_audio")
            json.copy(["input_audio"], of: part)
        default: throw InputPart.unsupported(part, path)
        }
    }
}
