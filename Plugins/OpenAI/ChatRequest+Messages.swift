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
        for (index, item) in (request["input"] ?? request).elements.enumerated() {
            let path = ItemPath(item: index)
            let role = item["role"]?.string ?? ""
            let isMessage = item["type"]?.stringEquals("message") ?? !role.isEmpty
            if isLeading {
                if isMessage, role == "system" || role == "developer" {
                    leading.append(try InputText.joined(item["content"], path.field("content"), separator: "")[...])
                    continue
                }
                isLeading = false
                writeLeading(leading)
            }
            if isMessage {
                try writeMessage(item, role, path)
            } else {
                try writeItem(item, path)
            }
        }
        if isLeading { writeLeading(leading) }
        endTurn()
        json.endArray()
    }

    private mutating func writeLeading(_ texts: [ArraySlice<UInt8>]) {
        guard !texts.isEmpty else { return }
        let blankLine: [UInt8] = Array("\\n\\n".utf8)
        message("system", raw: InputText.quoted([UInt8](texts.joined(separator: blankLine))))
    }

    private mutating func writeMessage(_ item: JSONValue, _ role: String, _ path: ItemPath) throws(Failure) {
        let content = item["content"]
        switch role {
        case "assistant":
            // A text after calls that are still unanswered belongs to the same message; after another text it doesn't.
            if turn.hasText && turn.calls.isEmpty { endTurn() }
            turn.text += try InputText.joined(content, path.field("content"), separator: "")
            turn.hasText = true
        case "system", "developer":
            endTurn()
            message(
                "system", raw: InputText.quoted(try InputText.joined(content, path.field("content"), separator: "")))
        case "user":
            endTurn()
            json.beginObject()
            json.member("role", literal: "user")
            json.key("content")
            try writeContent(content, path.field("content"))
            json.endObject()
        default: throw .invalid(path.text(".role"), "no such role")
        }
    }

    private mutating func writeItem(_ item: JSONValue, _ path: ItemPath) throws(Failure) {
        switch item["type"]?.string ?? "" {
        case "function_call":
            for key: StaticString in ["call_id", "name", "arguments"] where item[key]?.kind != .string {
                throw .invalid(path.field(key).text(), "a string is missing")
            }
            turn.calls.append(item)
        case "function_call_output":
            endTurn()
            guard let call = item["call_id"], call.kind == .string else {
                throw .invalid(path.text(".call_id"), "a string is missing")
            }
            json.beginObject()
            json.member("role", literal: "tool")
            json.member("tool_call_id", call)
            json.key("content")
            json.raw(InputText.quoted(try InputText.joined(item["output"], path.field("output"), separator: "\\n")))
            json.endObject()
        case "reasoning": takeReasoning(item)
        case let type:
            throw .unsupported(
                path.text(".type"), "This model's provider can't take items of type '\(type.prefix(60))'.")
        }
    }

    /// Reasoning that is there as text goes back with the message that it led to.
    private mutating func takeReasoning(_ item: JSONValue) {
        var isReadable = false
        for part in (item["content"] ?? item).elements {
            guard let text = part["text"]?.inside, !text.isEmpty else { continue }
            if turn.hasText && turn.calls.isEmpty { endTurn() }
            if !turn.reasoning.isEmpty { turn.reasoning += Array("\\n".utf8) }
            turn.reasoning += text
            isReadable = true
        }
        if !isReadable { notes.append("a reasoning item that only its own provider can read was left out") }
    }

    private mutating func endTurn() {
        guard !turn.isEmpty else { return }
        if turn.hasText || !turn.calls.isEmpty {
            turn.write(to: &json)
        } else {
            notes.append("reasoning that led to no answer was left out")
        }
        turn = AssistantTurn()
    }

    private mutating func message(_ role: StaticString, raw content: [UInt8]) {
        json.beginObject()
        json.member("role", literal: role)
        json.key("content")
        json.raw(content)
        json.endObject()
    }

    // MARK: What a user says

    private mutating func writeContent(_ content: JSONValue?, _ path: ItemPath) throws(Failure) {
        guard let content, let parts = content.array else {
            return json.raw(InputText.quoted(try InputText.joined(content, path, separator: "")))
        }
        // One text alone goes as a string: the simplest servers know nothing else.
        if parts.count == 1, let part = parts.first, part["type"]?.stringEquals("input_text") == true,
            let text = part["text"], text.kind == .string
        {
            return json.value(text)
        }
        json.beginArray()
        for (index, part) in parts.enumerated() { try writePart(part, path.part(index)) }
        json.endArray()
    }

    private mutating func writePart(_ part: JSONValue, _ path: ItemPath) throws(Failure) {
        switch part["type"]?.string {
        case "input_text", "text", "output_text":
            guard let text = part["text"], text.kind == .string else {
                throw .invalid(path.text(".text"), "a string is missing")
            }
            json.literal("{\"type\":\"text\",\"text\":")
            json.verbatim(text.raw)
            json.verbatim("}")
        case "input_image":
            guard let url = part["image_url"], url.kind == .string else {
                throw .unsupported(
                    path.text(part["file_id"]?.present == nil ? ".image_url" : ".file_id"),
                    "This model's provider takes images only by URL or data URL.")
            }
            writeNested("image_url") { json in
                json.member("url", url)
                if let detail = part["detail"]?.present { json.member("detail", detail) }
            }
        case "input_file":
            let isGiven = part["file_data"]?.present != nil || part["file_id"]?.present != nil
            if part["file_url"]?.present != nil || !isGiven {
                throw .unsupported(path.text(".file_url"), "This model's provider takes files only by file_data.")
            }
            writeNested("file") { json in
                part.writeMembers(to: &json, except: ["type", "file_url", "detail"])
            }
        case "input_audio": json.value(part)
        case let type:
            throw .unsupported(
                path.text(".type"), "This model's provider can't take parts of type '\((type ?? "").prefix(60))'.")
        }
        json.needsComma = true
    }

    /// `{"type": NAME, NAME: {…}}`.
    private mutating func writeNested(_ name: StaticString, _ write: (inout JSONWriter) -> Void) {
        json.beginObject()
        json.member("type", literal: name)
        json.key(name)
        json.object(write)
        json.endObject()
    }
}
