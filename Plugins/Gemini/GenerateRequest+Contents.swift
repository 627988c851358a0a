/// Items to `systemInstruction` and `contents`: turns of user and model, each one content of parts.
extension GenerateRequest {
    mutating func writeContents() throws(Failure) {
        let items = (request["input"] ?? request).elements
        let leading = try InputText.leading(request, &leftOut)
        // Gemini takes no request without contents: instructions alone are what the user says.
        let hasContents = items.count > leading.items
        if !leading.text.isEmpty, hasContents {
            json.object("systemInstruction") { json in
                json.key("parts")
                json.array { $0.object { $0.member("text", inside: leading.text) } }
            }
        }
        json.key("contents")
        json.beginArray()
        if !leading.text.isEmpty, !hasContents { writeText(leading.text, .user) }
        for (index, value) in items.enumerated() where index >= leading.items {
            let path = ItemPath(item: index)
            guard let item = try InputItem(value, path) else { continue }
            try write(item, value, path)
        }
        try endStep()
        dropSignature()
        endContent()
        json.endArray()
    }

    private mutating func write(_ item: InputItem, _ value: JSONValue, _ path: ItemPath) throws(Failure) {
        leftOut.mark(of: value)
        if value["name"]?.present != nil, case .message = item { leftOut.hint("name of a message") }
        if case .output(let id, let output, let isError) = item {
            guard let call = calls[id.string ?? ""] else {
                throw .invalid(path.text(".call_id"), "no call before it has this id")
            }
            let answer = Answer(
                rank: call.rank, name: call.name, id: id, output: output, isError: isError, path: path.field("output"))
            answers.append(answer)
            return
        }
        try endStep()
        switch item {
        case .message(.assistant, let content):
            leftOut.phase(of: value)
            let text = try InputText.joined(content, path.field("content"), &leftOut)
            if !text.isEmpty { writeText(text, .model) }
        case .message(let role, let content):
            if role == .system, notes.isEmpty {
                notes.append("a later system message was given as the user's words: Gemini's place for it is in front")
            }
            guard let parts = content?.array else {
                return writeText(try InputText.joined(content, path.field("content"), &leftOut), .user)
            }
            for (index, part) in parts.enumerated() {
                begin(.user)
                try writePart(part, path.field("content").part(index))
            }
        case .call(let id, let name, let arguments): writeCall(id, name, arguments)
        case .reasoning(let texts): writeReasoning(value, texts)
        case .output: break
        }
    }

    // MARK: Contents

    /// Goes on with the open content if it is this one's, else begins another.
    private mutating func begin(_ new: Role) {
        if new == .user { dropSignature() }
        guard role != new else { return }
        endContent()
        json.beginObject()
        json.member("role", literal: new == .user ? "user" : "model")
        json.key("parts")
        json.beginArray()
        (role, hasCall) = (new, false)
    }

    private mutating func endContent() {
        guard role != nil else { return }
        json.endArray()
        json.endObject()
        role = nil
    }

    /// The call that it belongs to has not come.
    private mutating func dropSignature() {
        if signature != nil { leftOut.hint("a thought signature whose call is gone") }
        signature = nil
    }

    private mutating func writeText(_ text: [UInt8], _ role: Role) {
        begin(role)
        json.object { $0.member("text", inside: text) }
    }

    // MARK: What the model did

    /// Thoughts go back as thoughts, and a signature to where it stood.
    private mutating func writeReasoning(_ item: JSONValue, _ texts: [JSONValue]) {
        let found = Signature(encrypted: item["encrypted_content"])
        if !texts.isEmpty || found?.place == .thought {
            begin(.model)
            let text = [UInt8](texts.map { $0.inside ?? [] }.joined(separator: Array("\\n".utf8)))
            json.object { json in
                json.member("text", inside: text)
                json.member("thought", true)
                if let found, found.place == .thought { found.write(to: &json) }
            }
        }
        switch found?.place {
        case .call:
            dropSignature()
            signature = found
        case .text:
            begin(.model)
            json.object { json in
                json.member("text", literal: "")
                found?.write(to: &json)
            }
        case .thought: break
        case nil: leftOut.reasoning(item, hasTexts: !texts.isEmpty)
        }
    }

    private mutating func writeCall(_ id: JSONValue, _ name: JSONValue, _ arguments: JSONValue) {
        begin(.model)
        calls[id.string ?? ""] = (calls.count, name)
        json.beginObject()
        json.object("functionCall") { json in
            json.member("id", id)
            json.member("name", name)
            json.key("args")
            // The API has an object there. What a model wrote that is none is put into one.
            if let text = arguments.text {
                let root = (try? JSONDocument.parse(text, limits: .stored))?.root
                let isObject = root?.kind == .object
                if let root, isObject { json.value(root) } else { json.object { $0.member("arguments", arguments) } }
            } else {
                json.object { _ in }
            }
        }
        if let signature {
            signature.write(to: &json)
        } else if thinking == .level, !hasCall {
            json.member("thoughtSignature", literal: Signature.placeholder)
        }
        json.endObject()
        (signature, hasCall) = (nil, true)
    }

    // MARK: What the functions answered

    /// The step's answers, in the order of its calls: without ids nothing else tells them apart.
    private mutating func endStep() throws(Failure) {
        guard !answers.isEmpty else { return }
        let step = answers.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
        answers = []
        begin(.user)
        for (_, answer) in step { try writeAnswer(answer) }
    }

    private mutating func writeAnswer(_ answer: Answer) throws(Failure) {
        var texts: [ArraySlice<UInt8>] = []
        var media: [(part: JSONValue, path: ItemPath)] = []
        if let text = answer.output?.inside { texts.append(text) }
        for (index, part) in (answer.output ?? request).elements.enumerated() {
            let path = answer.path.part(index)
            switch try InputPart(part, path) {
            case .text(let text), .refusal(let text):
                leftOut.mark(of: part)
                texts.append(text.inside ?? [])
            default:
                // Since Gemini 3 a function may answer with media, but not by an address.
                let address = (part["image_url"] ?? part["file_url"])?.present
                guard thinking == .level, address.map({ DataURL($0) != nil }) ?? true else {
                    throw InputPart.unsupported(part, path)
                }
                media.append((part, path))
            }
        }
        json.beginObject()
        json.key("functionResponse")
        json.beginObject()
        json.member("id", answer.id)
        json.member("name", answer.name)
        let text = [UInt8](texts.joined(separator: Array("\\n".utf8)))
        json.object("response") { $0.member(answer.isError ? "error" : "output", inside: text) }
        if !media.isEmpty {
            json.key("parts")
            json.beginArray()
            for (part, path) in media { try writePart(part, path) }
            json.endArray()
        }
        json.endObject()
        json.endObject()
    }
}
