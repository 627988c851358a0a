/// A request for an upstream that speaks Responses: the body as it came, without what belongs to the host alone or is
/// of formats that this one has no place for, and with `store: false`: the upstream keeps nothing.
struct ResponsesRequest {
    private let request: JSONValue
    private let config: OpenAI
    private var json: JSONWriter
    private(set) var leftOut: LeftOut

    init(_ request: JSONValue, _ config: OpenAI) {
        (self.request, self.config, leftOut) = (request, config, LeftOut(of: request))
        json = JSONWriter(capacity: request.document.bytes.count + 64)
    }

    /// `isStream` nil: for a count, with what has a say in it alone, since the upstream refuses other fields there.
    mutating func write(isStream: Bool?) throws(Failure) -> [UInt8] {
        json.beginObject()
        for member in request.members where !member.value.isNull {
            let (name, value) = (member.key, member.value)
            switch name {
            case "input": try writeInput(value)
            case "tools": try writeTools()
            case "tool_choice", "patchbay", "store", "stream": break
            case "stream_options" where isStream == true: json.member("stream_options", value)
            case _ where isStream == nil ? Self.counted.contains(name) : config.fields.contains(name):
                json.raw(member.raw)
            default: if isStream != nil { try leftOut.field(name, value) }
            }
        }
        if let isStream {
            json.member("stream", isStream)
            json.member("store", false)
        }
        json.endObject()
        return json.bytes
    }

    private static let counted: Set = [
        "model", "instructions", "parallel_tool_calls", "reasoning", "text", "truncation",
    ]
    /// OpenAI's own, beside functions.
    private static let toolTypes: Set<String> = [
        "custom", "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11",
        "file_search", "computer", "computer_use_preview", "code_interpreter", "image_generation", "mcp", "local_shell",
        "shell", "apply_patch", "namespace", "tool_search",
    ]

    private mutating func writeTools() throws(Failure) {
        let tools = try RequestTools(request, notes: &leftOut.others) { Self.toolTypes.contains($0) }.tools
        guard !tools.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in tools {
            leftOut.mark(of: tool)
            guard tool["type"]?.stringEquals("function") == true else { json.value(tool); continue }
            let known: [StaticString] = ["type", "name", "description", "parameters", "strict", "defer_loading"]
            json.object { $0.copy(known, of: tool) }
        }
        json.endArray()
        json.copy(["tool_choice"], of: request)
    }

    private mutating func writeInput(_ input: JSONValue) throws(Failure) {
        json.key("input")
        json.beginArray()
        for (index, item) in input.elements.enumerated() { try write(item, ItemPath(item: index)) }
        json.endArray()
    }

    /// An item as it came, without what only others know.
    private mutating func write(_ item: JSONValue, _ path: ItemPath) throws(Failure) {
        let type = item["type"]
        if type?.stringEquals("reasoning") == true { return writeReasoning(item) }
        if !leftOut.marks.foreign, !leftOut.marks.names { return json.value(item) }
        let isMessage = type?.stringEquals("message") ?? true
        if item.isAnthropics { throw InputPart.unsupported(item, path) }
        // That a call failed has no place: the model has to read it.
        let isFailed = item["is_error"]?.bool == true
        leftOut.mark(of: item)
        json.beginObject()
        for member in item.members where !member.keyEquals("cache_control") && !member.keyEquals("is_error") {
            if member.value.kind == .array, member.keyEquals("content") || member.keyEquals("output") {
                let path = path.field(member.keyEquals("content") ? "content" : "output")
                json.key(member.key)
                try write(member.value.elements, path, isFailed: isFailed)
            } else if isFailed, member.keyEquals("output") {
                json.member("output", inside: Array("Error: ".utf8) + (member.value.inside ?? []))
            } else if isMessage, member.keyEquals("name") {
                leftOut.hint("name of a message")
            } else {
                json.raw(member.raw)
            }
        }
        json.endObject()
    }

    private mutating func write(_ parts: JSONElements, _ path: ItemPath, isFailed: Bool) throws(Failure) {
        json.beginArray()
        if isFailed { json.literal("{\"type\":\"input_text\",\"text\":\"Error:\"}") }
        for (number, part) in parts.enumerated() {
            if part.isAnthropics { throw InputPart.unsupported(part, path.part(number)) }
            leftOut.mark(of: part)
            if part["context"]?.present != nil { leftOut.hint("context of a file") }
            let annotations = part["annotations"]?.elements
            if annotations?.contains(where: { $0.isAnthropics }) == true { leftOut.hint("citations of Anthropic's") }
            json.object { json in
                part.writeMembers(to: &json, except: ["cache_control", "context", "annotations"])
                guard let annotations else { return }
                json.key("annotations")
                json.array { json in annotations.forEach { if !$0.isAnthropics { json.value($0) } } }
            }
        }
        json.endArray()
    }

    /// Reasoning of which nothing is left is left out: an upstream that keeps nothing can make nothing of it. OpenAI
    /// takes its own back, encrypted, and refuses readable reasoning, which is always another's.
    private mutating func writeReasoning(_ item: JSONValue) {
        let (isOpenAI, hasTexts) = (config.dialect.reasoning == nil, (item["content"]?.count ?? 0) > 0)
        if isOpenAI, hasTexts { return leftOut.hint("earlier reasoning of another provider") }
        let opaque = EncryptedReasoning(item)
        // Other servers may hand on what Anthropic made.
        let isOwn =
            switch opaque?.maker {
            case .openAI, nil: opaque != nil
            case .anthropic: !isOpenAI && opaque?.isSignature == false
            case .gemini, .openRouter: false
            }
        let isBare = item["encrypted_content"]?.present == nil
        guard isOwn || hasTexts || (isBare && (item["summary"]?.count ?? 0) > 0) else {
            return leftOut.hint("reasoning of which nothing is left")
        }
        if isOwn || isBare, !leftOut.marks.foreign { return json.value(item) }
        leftOut.mark(of: item)
        if !isOwn, !isBare { leftOut.hint("encrypted reasoning of another provider") }
        json.object { item.writeMembers(to: &$0, except: ["cache_control"] + (isOwn ? [] : ["encrypted_content"])) }
    }
}
