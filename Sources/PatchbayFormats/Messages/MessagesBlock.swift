import PatchbayJSON
import PatchbayModel

/// One content block of a request.
struct MessagesBlock {
    private let block: FieldReader
    private let type: String

    init(_ value: JSONValue, at place: Place) throws(GatewayError) {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path, code: "invalid_type")
        }
        block = FieldReader(value, at: place)
        type = try block.requiredString("type", maxLength: 128)
    }

    /// The block as an item of its own; nil: it is a part of its message.
    func item(of role: String) throws(GatewayError) -> Item? {
        switch (type, role) {
        case ("tool_use", "assistant"): return try toolUse()
        case ("tool_result", "user"): return try toolResult()
        case ("thinking", "assistant"):
            guard try block.hasString("thinking") else { throw block.missing("thinking") }
            _ = try block.hasString("signature")
            return reasoning(text: block.value["thinking"], opaque: block.present("signature"))
        case ("redacted_thinking", "assistant"):
            guard try block.hasString("data") else { throw block.missing("data") }
            return reasoning(text: nil, opaque: block.value["data"])
        case ("text", _), ("image", _), ("document", _), ("search_result", _): return nil
        case ("tool_use", _), ("tool_result", _), ("thinking", _), ("redacted_thinking", _): throw misplaced(role)
        default:
            try checkOwn()
            return Item(kind: .other(type: "anthropic:\(type)"), id: nil, body: own())
        }
    }

    private func toolUse() throws(GatewayError) -> Item {
        let id = try block.requiredString("id", maxLength: 256)
        let name = try block.requiredString("name", maxLength: 200)
        guard let input = try block.object("input") else { throw block.missing("input") }
        return item(.functionCall, callID: id) { json in
            json.member("type", literal: "function_call")
            json.member("call_id", id)
            json.member("name", name)
            json.member("arguments", String(decoding: input.value.raw, as: UTF8.self))
        }
    }

    private func toolResult() throws(GatewayError) -> Item {
        let id = try block.requiredString("tool_use_id", maxLength: 256)
        let isError = try block.bool("is_error") ?? false
        var output = JSONWriter()
        switch block.present("content") {
        case nil: output.literal("\"\"")
        case let content? where content.kind == .string: output.value(content)
        case let content? where content.kind == .array:
            output.beginArray()
            for (index, value) in content.elements.enumerated() {
                let place = block.place.member("content").element(index)
                try MessagesBlock(value, at: place).writePart(of: "user", to: &output)
            }
            output.endArray()
        case let content?:
            throw block.wrongType("content", expected: "a string or an array of blocks", found: content)
        }
        return item(.functionCallOutput, callID: id) { json in
            json.member("type", literal: "function_call_output")
            json.member("call_id", id)
            json.key("output")
            json.raw(output.bytes)
            if isError { json.member("is_error", true) }
        }
    }

    /// A text that can be read, and what only its maker can read: of a text its signature, else the reasoning itself.
    private func reasoning(text: JSONValue?, opaque: JSONValue?) -> Item {
        let said = opaque?.string
        if let text, let said, said.hasPrefix(MessagesAnswer.summaryMark) {
            return reasoning(summary: text, opaque: String(said.dropFirst(MessagesAnswer.summaryMark.count)))
        }
        return item(.reasoning) { json in
            json.member("type", literal: "reasoning")
            json.member("summary") { $0.array { _ in } }
            if let text { json.member("content") { Self.write("reasoning_text", text, to: &$0) } }
            if let opaque, MessagesAnswer.isSaid(said) { json.member("encrypted_content", opaque) }
        }
    }

    private func reasoning(summary: JSONValue, opaque: String) -> Item {
        item(.reasoning) { json in
            json.member("type", literal: "reasoning")
            json.member("summary") { Self.write("summary_text", summary, to: &$0) }
            if MessagesAnswer.isSaid(opaque) { json.member("encrypted_content", opaque) }
        }
    }

    /// A list of one part with a text.
    private static func write(_ type: StaticString, _ text: JSONValue, to json: inout JSONWriter) {
        json.array { json in
            json.object { json in
                json.member("type", literal: type)
                json.member("text", text)
            }
        }
    }

    private func item(_ kind: Item.Kind, callID: String? = nil, _ write: (inout JSONWriter) -> Void) -> Item {
        var json = JSONWriter()
        json.object { json in
            write(&json)
            Self.writeMark(of: block, to: &json)
        }
        return Item(kind: kind, id: nil, callID: callID, body: json.bytes)
    }

    // MARK: Parts

    func writePart(of role: String, to json: inout JSONWriter) throws(GatewayError) {
        switch type {
        case "text": try writeText(isOutput: role == "assistant", to: &json)
        case "image" where role != "assistant": try writeImage(to: &json)
        case "document" where role != "assistant": try writeDocument(to: &json)
        case "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking": throw misplaced(role)
        default:
            try checkOwn()
            json.raw(own())
        }
    }

    /// The block, which must be a text.
    func writeText(isOutput: Bool, to json: inout JSONWriter) throws(GatewayError) {
        guard type == "text" else {
            throw .invalid(
                "Invalid value '\(type)' for '\(block.path("type"))': only text can be here.",
                param: block.path("type"),
                code: "invalid_value")
        }
        guard try block.hasString("text"), let text = block.value["text"] else { throw block.missing("text") }
        Self.write(text: text, isOutput: isOutput, of: block, to: &json)
    }

    static func write(text: JSONValue, isOutput: Bool, of block: FieldReader?, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", literal: isOutput ? "output_text" : "input_text")
            json.member("text", text)
            if isOutput {
                json.member("annotations") { json in
                    json.array { json in
                        let length = text.string?.unicodeScalars.count ?? 0
                        for citation in block?.present("citations")?.elements ?? text.elements {
                            MessagesCitation.writeAnnotation(of: citation, length: length, to: &json)
                        }
                    }
                }
            }
            if let block { writeMark(of: block, to: &json) }
        }
    }

    private func writeImage(to json: inout JSONWriter) throws(GatewayError) {
        guard let source = try block.object("source") else { throw block.missing("source") }
        let type = try source.requiredString("type", maxLength: 64)
        let url = try Self.url(of: source, type)
        json.object { json in
            json.member("type", literal: "input_image")
            if let url { json.member("image_url", url) } else { json.member("file_id", source.value["file_id"]) }
            Self.writeMark(of: block, to: &json)
        }
    }

    private func writeDocument(to json: inout JSONWriter) throws(GatewayError) {
        guard let source = try block.object("source") else { throw block.missing("source") }
        let type = try source.requiredString("type", maxLength: 64)
        let isCited = block.present("citations")?["enabled"]?.bool == true
        if type == "content" || isCited {
            json.raw(own())
            return
        }
        if type == "text" {
            guard try source.hasString("data") else { throw source.missing("data") }
            let title = try block.string("title", maxLength: 1024).map { "\($0)\n\n" } ?? ""
            json.object { json in
                json.member("type", literal: "input_text")
                json.member("text", title + (source.value["data"]?.string ?? ""))
                Self.writeMark(of: block, to: &json)
            }
            return
        }
        let url = try Self.url(of: source, type)
        json.object { json in
            json.member("type", literal: "input_file")
            if let title = block.present("title") { json.member("filename", title) }
            switch (type, url) {
            case ("url", let url?): json.member("file_url", url)
            case (_, let url?): json.member("file_data", url)
            case (_, nil): json.member("file_id", source.value["file_id"])
            }
            if let context = block.present("context") { json.member("context", context) }
            Self.writeMark(of: block, to: &json)
        }
    }

    /// The URL of a source, a data URL for base64; nil: it is the id of a file.
    private static func url(of source: FieldReader, _ type: String) throws(GatewayError) -> String? {
        switch type {
        case "base64":
            let media = try source.requiredString("media_type", maxLength: 256)
            return "data:\(media);base64,\(try source.requiredString("data", maxLength: .max))"
        case "url":
            let url = try source.requiredString("url", maxLength: .max)
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw .invalid(
                    "Invalid '\(source.path("url"))': expected an http or https URL.", param: source.path("url"),
                    code: "invalid_value")
            }
            return url
        case "file":
            _ = try source.requiredString("file_id", maxLength: 256)
            return nil
        default:
            throw .invalid(
                "Invalid value '\(type)' for '\(source.path("type"))'. Supported values are: 'base64', 'url', 'file' and 'text'.",
                param: source.path("type"), code: "invalid_value")
        }
    }

    // MARK: What only Anthropic's models know

    /// The block under a name that says whose it is. Its id is kept as that of a call: an item's own id is the host's.
    private func own() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "anthropic:\(type)")
            for member in block.value.members where !member.keyEquals("type") {
                if member.keyEquals("id") { json.member("call_id", member.value) } else { json.raw(member.raw) }
            }
        }
        return json.bytes
    }

    /// From Anthropic's OpenAPI as llm-comply 0.5.0 ships it.
    private static let known: Set<String> = [
        "search_result", "server_tool_use", "container_upload", "mid_conv_system", "tool_reference", "mcp_tool_use",
        "mcp_tool_result", "compaction", "fallback",
    ]

    private func checkOwn() throws(GatewayError) {
        guard Self.known.contains(type) || type.hasSuffix("_tool_result") else {
            throw .invalid(
                "Invalid value '\(type)' for '\(block.path("type"))': no such content block.",
                param: block.path("type"), code: "invalid_value")
        }
    }

    private func misplaced(_ role: String) -> GatewayError {
        .invalid(
            "Invalid value '\(type)' for '\(block.path("type"))': not in a message of the role '\(role)'.",
            param: block.path("type"), code: "invalid_value")
    }

    private static func writeMark(of block: FieldReader, to json: inout JSONWriter) {
        if let mark = block.present("cache_control") { json.member("cache_control", mark) }
    }
}
