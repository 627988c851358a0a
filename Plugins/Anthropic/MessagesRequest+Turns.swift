/// Items to `system` and `messages`.
extension MessagesRequest {
    mutating func writeConversation() throws(Failure) {
        let input = (request["input"] ?? request).elements
        var leading = JSONWriter()
        if let instructions = request["instructions"]?.present {
            try writeText(of: instructions, ItemPath(item: 0), to: &leading)
        }
        var isLeading = true
        for (index, value) in input.enumerated() {
            let path = ItemPath(item: index)
            let item = try InputItem(value, path, takes: { $0.hasPrefix(Self.prefix) })
            if isLeading {
                if case .message(.system, let content) = item {
                    try writeText(of: content, path.field("content"), to: &leading)
                    continue
                }
                isLeading = false
                begin(leading)
            }
            try write(item, value, path)
        }
        if isLeading { begin(leading) }
        settleSystem()
        endTurn()
        json.endArray()
    }

    /// Of items and parts that are Anthropic's own.
    static var prefix: String { "anthropic:" }

    private mutating func begin(_ leading: JSONWriter) {
        if !leading.bytes.isEmpty { json.member("system") { $0.array { $0.raw(leading.bytes) } } }
        json.key("messages")
        json.beginArray()
    }

    private mutating func write(_ item: InputItem?, _ value: JSONValue, _ path: ItemPath) throws(Failure) {
        switch item {
        case .message(.assistant, let content):
            begin(.assistant)
            leftOut.phase(of: value)
            try writeBlocks(content, path.field("content"), isAssistant: true)
        case .message(.user, let content):
            begin(.user)
            try writeBlocks(content, path.field("content"), isAssistant: false)
            if value["name"]?.present != nil { leftOut.hint("name of a message") }
        case .message(.system, let content):
            try writeText(of: content, path.field("content"), to: &system)
            if version < .systemMessages { settleSystem() }
        case .call(let id, let name, let arguments):
            begin(.assistant)
            if !turn.hasThinking { turn.hasCalls = true }
            turn.blocks.beginObject()
            turn.blocks.member("type", literal: "tool_use")
            turn.blocks.member("id", Self.callID(id))
            turn.blocks.member("name", name)
            turn.blocks.member("input", raw: Self.object(arguments))
            writeMark(of: value, to: &turn.blocks)
            turn.blocks.endObject()
        case .output(let call, let content, let isError):
            begin(.user)
            try writeResult(call, content, isError: isError, value, path.field("output"))
        case .reasoning: writeReasoning(value)
        case nil:
            let type = value["type"]?.string ?? ""
            // Blocks that the API's servers make are the assistant's.
            let isUsers = type == Self.prefix + "container_upload" || type == Self.prefix + "mid_conv_system"
            begin(isUsers ? .user : .assistant)
            writeOwn(value, to: &turn.blocks)
        }
    }

    // MARK: Turns

    mutating func begin(_ role: InputItem.Role) {
        if role == .assistant, turn.role != .user { settleSystem() }
        if turn.role != role { endTurn() }
        turn.role = role
    }

    private mutating func endTurn() {
        if !turn.isEmpty { turn.write(to: &json) }
        if turn.role == .assistant { lacksThinking = turn.hasCalls }
        if turn.role == .user, !turn.isEmpty, !system.bytes.isEmpty {
            json.beginObject()
            json.member("role", literal: "system")
            json.member("content") { $0.array { $0.raw(system.bytes) } }
            json.endObject()
            system = JSONWriter()
        }
        turn = Turn()
    }

    /// The system's words become the user's where there is no turn of the user's that they can follow, or the model knows
    /// none but the leading ones.
    private mutating func settleSystem() {
        if system.bytes.isEmpty || (turn.role == .user && version >= .systemMessages && !turn.isEmpty) { return }
        let words = system.bytes
        system = JSONWriter()
        begin(.user)
        turn.blocks.raw(words)
        notes.append("a system message in the middle of the conversation was sent as the user's")
    }

    /// Thinking that the upstream signed, or what it keeps to itself. Without a signature it takes none, and none of
    /// another provider's, which alone has a summary beside it.
    private mutating func writeReasoning(_ item: JSONValue) {
        let texts = (item["content"] ?? item).elements.compactMap { $0["text"]?.inside }
        let isSummary = texts.isEmpty && (item["summary"]?.count ?? 0) > 0
        guard let opaque = EncryptedReasoning(item),
            opaque.isSignature || (!isSummary && (opaque.maker ?? .anthropic) == .anthropic)
        else { return notes.append("a reasoning item that the model's provider has not signed was left out") }
        begin(.assistant)
        if !turn.hasCalls { turn.hasThinking = true }
        turn.blocks.beginObject()
        if !texts.isEmpty || opaque.isSignature {
            turn.blocks.member("type", literal: "thinking")
            turn.blocks.member("thinking", inside: [UInt8](texts.joined(separator: Array("\\n\\n".utf8))))
            turn.blocks.key("signature")
        } else {
            turn.blocks.member("type", literal: "redacted_thinking")
            turn.blocks.key("data")
        }
        turn.blocks.string(utf8: opaque.bytes.span)
        turn.blocks.endObject()
    }

    /// Arguments, which must be an object here: whatever else a model wrote is put into one.
    private static func object(_ arguments: JSONValue) -> ArraySlice<UInt8> {
        guard let text = arguments.text else { return Array("{}".utf8)[...] }
        if let root = (try? JSONDocument.parse(Array(text), limits: .request))?.root, root.kind == .object {
            return root.raw
        }
        var json = JSONWriter()
        json.object { $0.member("arguments", arguments) }
        return json.bytes[...]
    }

    /// The API takes letters, digits, `_` and `-`; other providers' ids may have more.
    private static func callID(_ id: JSONValue) -> String {
        String((id.string ?? "").map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }

    private mutating func writeResult(
        _ call: JSONValue, _ content: JSONValue?, isError: Bool, _ item: JSONValue, _ path: ItemPath
    ) throws(Failure) {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", literal: "tool_result")
        json.member("tool_use_id", Self.callID(call))
        json.key("content")
        if let parts = content?.array {
            json.beginArray()
            for (index, part) in parts.enumerated() {
                try writeBlock(part, path.part(index), isAssistant: false, to: &json)
            }
            json.endArray()
        } else if let content = content?.present {
            guard content.kind == .string else { throw .invalid(path.text(), "must be a string or an array of parts") }
            json.value(content)
        } else {
            json.string("")
        }
        if isError { json.member("is_error", true) }
        writeMark(of: item, to: &json)
        json.endObject()
        turn.results.raw(json.bytes)
    }
}
