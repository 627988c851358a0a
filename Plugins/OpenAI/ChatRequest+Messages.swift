/// Items to messages.
extension ChatRequest {
    /// `instructions`, and the system and developer messages that the input begins with, become one leading system
    /// message: many models know only one, and only there. Later ones stay where they are.
    mutating func writeMessages() throws(Failure) {
        json.key("messages")
        json.beginArray()
        var leading: [ArraySlice<UInt8>] = []
        if let instructions = request["instructions"]?.inside, !instructions.isEmpty { leading.append(instructions) }
        var isLeading = true
        for (index, value) in (request["input"] ?? request).elements.enumerated() {
            let path = ItemPath(item: index)
            guard let item = try InputItem(value, path) else { continue }
            if isLeading {
                if case .message(.system, let content) = item {
                    leading.append(try text(of: content, path.field("content"))[...])
                    if value.has("name") { leftOut.hint("name of a system message") }
                    continue
                }
                isLeading = false
                writeLeading(leading)
            }
            try write(item, value, path)
        }
        if isLeading { writeLeading(leading) }
        endTurn()
        json.endArray()
    }

    private mutating func writeLeading(_ texts: [ArraySlice<UInt8>]) {
        guard !texts.isEmpty else { return }
        let blankLine: [UInt8] = Array("\\n\\n".utf8)
        json.beginObject()
        json.member("role", literal: "system")
        json.key("content")
        json.raw(InputText.quoted([UInt8](texts.joined(separator: blankLine))))
        json.endObject()
    }

    private mutating func write(_ item: InputItem, _ value: JSONValue, _ path: ItemPath) throws(Failure) {
        leftOut.mark(of: value)
        switch item {
        case .message(.assistant, let content):
            // A text after calls that are still unanswered belongs to the same message; after another text it doesn't.
            if turn.hasText && turn.calls.isEmpty { endTurn() }
            turn.text += try text(of: content, path.field("content"))
            turn.hasText = true
            turn.name = name(of: value)
        case .message(let role, let content):
            endTurn()
            json.beginObject()
            json.member("role", literal: role == .user ? "user" : "system")
            if let name = name(of: value) { json.member("name", name) }
            json.key("content")
            if role == .user, let parts = content?.array {
                try writeParts(parts, path.field("content"))
            } else {
                json.raw(InputText.quoted(try text(of: content, path.field("content"))))
            }
            json.endObject()
        case .call: turn.calls.append(value)
        case .output(let call, let output, let isError):
            endTurn()
            json.beginObject()
            json.member("role", literal: "tool")
            json.member("tool_call_id", call)
            json.key("content")
            // Chat has no place for an error; the model has to read it.
            let error = isError ? Array("Error: ".utf8) : []
            json.raw(InputText.quoted(error + (try text(of: output, path.field("output"), separator: "\\n"))))
            json.endObject()
        case .reasoning(let texts):
            if texts.isEmpty { notes.append("a reasoning item that only its own provider can read was left out") }
            // It goes back with the message that it led to.
            for text in texts {
                if turn.hasText && turn.calls.isEmpty { endTurn() }
                if !turn.reasoning.isEmpty { turn.reasoning += Array("\\n".utf8) }
                turn.reasoning += text.inside ?? []
            }
        }
    }

    private mutating func endTurn() {
        guard !turn.isEmpty else { return }
        if !turn.reasoning.isEmpty, dialect.reasoning == nil { leftOut.hint("earlier reasoning") }
        if turn.hasText || !turn.calls.isEmpty {
            turn.write(to: &json, reasoningKey: dialect.reasoning)
        } else if dialect.reasoning != nil {
            notes.append("reasoning that led to no answer was left out")
        }
        turn = AssistantTurn()
    }

    private mutating func name(of item: JSONValue) -> JSONValue? {
        guard let name = item["name"]?.present else { return nil }
        if dialect.takesName { return name }
        leftOut.hint("name of a message")
        return nil
    }

    /// Content that must be text.
    private mutating func text(of content: JSONValue?, _ path: ItemPath, separator: StaticString = "")
        throws(Failure) -> [UInt8]
    {
        for part in (content ?? request).elements { leftOut.mark(of: part) }
        return try InputText.joined(content, path, separator: separator)
    }

    mutating func writeMark(of value: JSONValue) {
        if dialect.takesCacheControl, let mark = value["cache_control"]?.present {
            json.member("cache_control", mark)
        } else {
            leftOut.mark(of: value)
        }
    }

    private mutating func writeParts(_ parts: JSONElements, _ path: ItemPath) throws(Failure) {
        // One text alone goes as a string: the simplest servers know nothing else.
        if parts.count == 1, let part = parts.first, part["type"]?.stringEquals("input_text") == true,
            let text = part["text"], text.kind == .string, !part.has("cache_control")
        {
            return json.value(text)
        }
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
        case .image(let url) where dialect.takesImages:
            json.member("type", literal: "image_url")
            json.key("image_url")
            json.object { json in
                json.member("url", url)
                if let detail = part["detail"]?.present { json.member("detail", detail) }
            }
        case .imageFile where dialect.takesImages:
            throw .unsupported(path.text(".file_id"), "This model's provider takes images only by URL or data URL.")
        case .file where dialect.takesFiles:
            if part["file_url"]?.present != nil || (part["file_data"] ?? part["file_id"])?.present == nil {
                throw .unsupported(path.text(".file_url"), "This model's provider takes files only by file_data.")
            }
            if part["context"]?.present != nil { leftOut.hint("context of a file") }
            json.member("type", literal: "file")
            json.key("file")
            json.object { json in
                for key: StaticString in ["filename", "file_data", "file_id"] {
                    if let value = part[key]?.present { json.member(key, value) }
                }
            }
        case .audio where dialect.takesAudio:
            json.member("type", literal: "input_audio")
            json.member("input_audio", part["input_audio"])
        default: throw InputPart.unsupported(part, path)
        }
    }
}
