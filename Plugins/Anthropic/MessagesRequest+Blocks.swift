/// Parts to content blocks.
extension MessagesRequest {
    /// Content as blocks of the open turn.
    mutating func writeBlocks(_ content: JSONValue?, _ path: ItemPath, isAssistant: Bool) throws(Failure) {
        var blocks = JSONWriter()
        swap(&blocks, &turn.blocks)
        defer { turn.blocks = blocks }
        guard let parts = content?.array else { return try writeText(of: content, path, to: &blocks) }
        for (index, part) in parts.enumerated() {
            try writeBlock(part, path.part(index), isAssistant: isAssistant, to: &blocks)
        }
    }

    /// Content that must be text, as blocks.
    func writeText(of content: JSONValue?, _ path: ItemPath, to json: inout JSONWriter) throws(Failure) {
        guard let content = content?.present else { return }
        if content.kind == .string { return writeText(content, of: nil, to: &json) }
        guard let parts = content.array else { throw .invalid(path.text(), "must be a string or an array of parts") }
        for (index, part) in parts.enumerated() {
            switch try InputPart(part, path.part(index)) {
            case .text(let text), .refusal(let text): writeText(text, of: part, to: &json)
            default: throw InputPart.unsupported(part, path.part(index))
            }
        }
    }

    mutating func writeBlock(
        _ part: JSONValue, _ path: ItemPath, isAssistant: Bool, to json: inout JSONWriter
    ) throws(Failure) {
        switch try InputPart(part, path) {
        case .text(let text), .refusal(let text): writeText(text, of: part, to: &json)
        case .image(let url) where !isAssistant:
            json.beginObject()
            json.member("type", literal: "image")
            json.key("source")
            try writeSource(url, path.text(".image_url"), to: &json)
            writeMark(of: part, to: &json)
            json.endObject()
            if let detail = part["detail"]?.present, !detail.stringEquals("auto") { leftOut.hint("detail of an image") }
        case .imageFile(let id) where !isAssistant:
            json.beginObject()
            json.member("type", literal: "image")
            writeFileSource(id, to: &json)
            writeMark(of: part, to: &json)
            json.endObject()
        case .file where !isAssistant: try writeDocument(part, path, to: &json)
        case .other(let type) where type.hasPrefix(Self.prefix): writeOwn(part, to: &json)
        default: throw InputPart.unsupported(part, path)
        }
    }

    /// A block that came from Anthropic's API, or was written for it, as it was.
    func writeOwn(_ part: JSONValue, to json: inout JSONWriter) {
        json.beginObject()
        json.member("type", String((part["type"]?.string ?? "").dropFirst(Self.prefix.count)))
        for member in part.members where !member.keyEquals("type") {
            // An item's own id is the host's: the block's is kept as the id of a call.
            json.key(member.keyEquals("call_id") ? "id" : member.key)
            json.value(member.value)
        }
        json.endObject()
    }

    /// The API takes no empty text: it is left out.
    private func writeText(_ text: JSONValue, of part: JSONValue?, to json: inout JSONWriter) {
        guard text.count > 0 else { return }
        json.beginObject()
        json.member("type", literal: "text")
        json.member("text", text)
        if let part {
            writeCitations(part, to: &json)
            writeMark(of: part, to: &json)
        }
        json.endObject()
    }

    /// Citations that the decoder made annotations of. Others are of no use to the API.
    private func writeCitations(_ part: JSONValue, to json: inout JSONWriter) {
        var citations = JSONWriter()
        for annotation in (part["annotations"] ?? part).elements {
            let type = annotation["type"]?.string ?? ""
            let isOwn = type.hasPrefix(Self.prefix)
            guard isOwn || (type == "url_citation" && annotation["encrypted_index"]?.present != nil) else { continue }
            citations.object { json in
                json.member("type", isOwn ? String(type.dropFirst(Self.prefix.count)) : "web_search_result_location")
                annotation.writeMembers(to: &json, except: ["type", "start_index", "end_index"])
            }
        }
        if !citations.bytes.isEmpty { json.member("citations") { $0.array { $0.raw(citations.bytes) } } }
    }

    func writeMark(of value: JSONValue, to json: inout JSONWriter) {
        if let mark = value["cache_control"]?.present { json.member("cache_control", mark) }
    }

    // MARK: Images and documents

    /// An address, or what a data URL holds.
    private func writeSource(_ url: JSONValue, _ path: String, to json: inout JSONWriter) throws(Failure) {
        if let data = DataURL(url) { return writeBase64(data.mediaType, data.base64, to: &json) }
        guard let text = url.text, text.starts(with: "https://".utf8) || text.starts(with: "http://".utf8) else {
            throw .invalid(path, "expected an http or https URL, or a data URL in base64")
        }
        json.object { json in
            json.member("type", literal: "url")
            json.member("url", url)
        }
    }

    private func writeBase64(_ mediaType: String, _ data: ArraySlice<UInt8>, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", literal: "base64")
            json.member("media_type", mediaType)
            json.key("data")
            json.string(utf8: data.span)
        }
    }

    private func writeFileSource(_ id: JSONValue, to json: inout JSONWriter) {
        json.object("source") { json in
            json.member("type", literal: "file")
            json.member("file_id", id)
        }
    }

    private func writeDocument(_ part: JSONValue, _ path: ItemPath, to json: inout JSONWriter) throws(Failure) {
        json.beginObject()
        json.member("type", literal: "document")
        if let data = part["file_data"]?.present {
            json.key("source")
            try writeFile(data, path.text(".file_data"), to: &json)
        } else if let url = part["file_url"]?.present {
            json.key("source")
            try writeSource(url, path.text(".file_url"), to: &json)
        } else if let id = part["file_id"]?.present {
            writeFileSource(id, to: &json)
        } else {
            throw .invalid(path.text(".file_data"), "one of file_data, file_url and file_id must be there")
        }
        if let title = part["filename"]?.present { json.member("title", title) }
        if let context = part["context"]?.present { json.member("context", context) }
        writeMark(of: part, to: &json)
        json.endObject()
    }

    /// A PDF, or plain text.
    private func writeFile(_ value: JSONValue, _ path: String, to json: inout JSONWriter) throws(Failure) {
        let data = DataURL(value)
        // What begins so is a PDF, also where no data URL says it.
        if data == nil, let bytes = value.text, bytes.starts(with: "JVBER".utf8) {
            return writeBase64("application/pdf", bytes, to: &json)
        }
        guard let data else { throw .unsupported(path, "This model's provider takes files as data URLs in base64.") }
        if data.mediaType.hasPrefix("text/") {
            guard let bytes = data.bytes, let text = String(validating: bytes, as: UTF8.self) else {
                throw .invalid(path, "the file is not a text in UTF-8")
            }
            return json.object { json in
                json.member("type", literal: "text")
                json.member("media_type", literal: "text/plain")
                json.member("data", text)
            }
        }
        guard data.mediaType == "application/pdf" else {
            throw .unsupported(path, "This model's provider takes files of PDF and of text.")
        }
        writeBase64(data.mediaType, data.base64, to: &json)
    }
}
