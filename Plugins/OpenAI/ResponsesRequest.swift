/// A request for an upstream that speaks Responses: the body as it came, without what is between host and plugin or
/// belongs to the host alone (history, background), without what other formats put there that this one has no place
/// for, and with `store: false`: the upstream keeps nothing.
struct ResponsesRequest {
    private let request: JSONValue
    private let config: OpenAI
    private var json: JSONWriter
    private var notes: [String] = []
    private var leftOut = LeftOut()

    init(_ request: JSONValue, _ config: OpenAI) {
        (self.request, self.config) = (request, config)
        json = JSONWriter(capacity: request.document.bytes.count + 64)
    }

    var allNotes: [String] { notes + (leftOut.note.map { [$0] } ?? []) }

    mutating func write(isStream: Bool) throws(Failure) -> [UInt8] {
        json.beginObject()
        for member in request.members where !member.value.isNull {
            let (name, value) = (member.key, member.value)
            switch name {
            case "input": try writeInput(value)
            case "tools": try writeTools()
            case "tool_choice": break
            case "stream_options" where isStream: json.member("stream_options", value)
            case _ where config.fields.contains(name):
                json.key(name)
                json.value(value)
            default: try leftOut.field(name, value)
            }
        }
        json.member("stream", isStream)
        json.member("store", false)
        json.endObject()
        return json.bytes
    }

    /// For a count: what has a say in it, since the upstream refuses fields that it doesn't know there.
    mutating func writeCount() throws(Failure) -> [UInt8] {
        json.beginObject()
        for member in request.members where !member.value.isNull {
            let name = member.key
            switch name {
            case "input": try writeInput(member.value)
            case "tools": try writeTools()
            case "model", "instructions", "parallel_tool_calls", "reasoning", "text", "truncation":
                json.key(name)
                json.value(member.value)
            default: break
            }
        }
        json.endObject()
        return json.bytes
    }

    // MARK: Tools

    /// OpenAI's own, beside functions. What its dialects don't know of these they say themselves.
    private static let toolTypes: Set<String> = [
        "custom", "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11",
        "file_search", "computer", "computer_use_preview", "code_interpreter", "image_generation", "mcp", "local_shell",
        "shell", "apply_patch", "namespace", "tool_search",
    ]

    private mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &notes) { Self.toolTypes.contains($0) }.tools
        guard !tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in tools {
            if tool["type"]?.stringEquals("function") == true, tool.count > 3 {
                leftOut.mark(of: tool)
                json.beginObject()
                for key: StaticString in ["type", "name", "description", "parameters", "strict", "defer_loading"] {
                    if let value = tool[key] { json.member(key, value) }
                }
                json.endObject()
            } else {
                json.value(tool)
            }
        }
        json.endArray()
        if let choice = request["tool_choice"]?.present { json.member("tool_choice", choice) }
    }

    // MARK: Items

    private mutating func writeInput(_ input: JSONValue) throws(Failure) {
        guard let items = input.array else { return json.member("input", input) }
        json.key("input")
        json.beginArray()
        for (index, item) in items.enumerated() { try write(item, ItemPath(item: index)) }
        json.endArray()
    }

    private mutating func write(_ item: JSONValue, _ path: ItemPath) throws(Failure) {
        let type = item["type"]
        if type?.stringEquals("reasoning") == true, !takesReasoning(item) { return }
        let isMessage = type?.stringEquals("message") ?? true
        let isFailed = item["is_error"]?.bool == true
        var isForeign = isFailed
        for member in item.members {
            if isMessage ? member.keyEquals("name") : member.keyEquals("is_error") { isForeign = true }
            if member.keyEquals("cache_control") { isForeign = true }
            guard member.value.kind == .array, member.keyEquals("content") || member.keyEquals("output") else {
                continue
            }
            let path = path.field(member.keyEquals("content") ? "content" : "output")
            for (number, part) in member.value.elements.enumerated() {
                if part.has("cache_control") || part.has("context") { isForeign = true }
                try refuseOwn(part["type"], path.part(number))
            }
        }
        try refuseOwn(type, path)
        guard isForeign else { return json.value(item) }
        leftOut.mark(of: item)
        if isMessage, item["name"]?.present != nil { leftOut.hint("name of a message") }
        json.beginObject()
        for member in item.members {
            if member.keyEquals("cache_control") || member.keyEquals(isMessage ? "name" : "is_error") { continue }
            json.key(member.key)
            if member.keyEquals("content") || member.keyEquals("output") {
                writeContent(member.value, isFailed: isFailed)
            } else {
                json.value(member.value)
            }
        }
        json.endObject()
    }

    /// Anthropic's own blocks are for Anthropic alone.
    private func refuseOwn(_ type: JSONValue?, _ path: ItemPath) throws(Failure) {
        guard let text = type?.text, text.starts(with: "anthropic:".utf8) else { return }
        throw .unsupported(
            path.text(".type"),
            "This model's provider can't take '\(String(decoding: text.prefix(60), as: UTF8.self))'.")
    }

    /// That a call failed has no place: the model has to read it.
    private mutating func writeContent(_ content: JSONValue, isFailed: Bool) {
        guard let parts = content.array else {
            let text = Array("Error: ".utf8) + (content.inside ?? [])
            return isFailed ? json.raw(InputText.quoted(text)) : json.value(content)
        }
        json.beginArray()
        if isFailed { json.literal("{\"type\":\"input_text\",\"text\":\"Error:\"}") }
        for part in parts {
            leftOut.mark(of: part)
            if part["context"]?.present != nil { leftOut.hint("context of a file") }
            json.beginObject()
            part.writeMembers(to: &json, except: ["cache_control", "context"])
            json.endObject()
        }
        json.endArray()
    }

    /// Reasoning of which nothing is left is left out: an upstream that keeps nothing can make nothing of it. OpenAI
    /// takes its own back, encrypted, and refuses readable reasoning, which is always another's.
    private mutating func takesReasoning(_ item: JSONValue) -> Bool {
        let isReadable = (item["content"]?.count ?? 0) > 0
        if isReadable, config.dialect.reasoning == nil {
            leftOut.hint("earlier reasoning of another provider")
            return false
        }
        if isReadable || item["encrypted_content"]?.text != nil || (item["summary"]?.count ?? 0) > 0 { return true }
        notes.append("a reasoning item without text and without encrypted content was left out")
        return false
    }
}
