/// Parts that a user, or a function, gives.
extension GenerateRequest {
    mutating func writePart(_ part: JSONValue, _ path: ItemPath) throws(Failure) {
        leftOut.mark(of: part)
        switch try InputPart(part, path) {
        case .text(let text), .refusal(let text): json.object { $0.member("text", text) }
        case .image(let url):
            if let detail = part["detail"]?.string, detail != "auto" { leftOut.hint("detail of an image") }
            try writeMedia(url, path.text(".image_url"), type: nil)
        case .imageFile:
            throw .unsupported(path.text(".file_id"), "This model's provider takes images only by URL or data URL.")
        case .file: try writeFile(part, path)
        case .audio(let data, let format):
            let type = "audio/" + (format.string ?? "")
            writeInline(type, data.text ?? [])
        case .other: throw InputPart.unsupported(part, path)
        }
    }

    private mutating func writeFile(_ part: JSONValue, _ path: ItemPath) throws(Failure) {
        for key: StaticString in ["filename", "context"] where part[key]?.present != nil {
            leftOut.hint("\(key) of a file")
        }
        let type = (part["filename"]?.string).flatMap { MediaType.guess($0) }
        if let data = part["file_data"]?.present {
            // OpenAI's form is a data URL; bare base64 needs a name that says what it is.
            guard data.text?.starts(with: "data:".utf8) == false else {
                return try writeMedia(data, path.text(".file_data"), type: nil)
            }
            guard let type else {
                throw .unsupported(
                    path.text(".file_data"), "This model's provider needs a data URL that says the file's type.")
            }
            return writeInline(type, data.text ?? [])
        }
        guard let url = part["file_url"]?.present else {
            throw .unsupported(
                path.text(".file_id"), "This model's provider takes files only by file_data or file_url.")
        }
        try writeMedia(url, path.text(".file_url"), type: type)
    }

    /// A data URL, or an address that Google fetches from.
    private mutating func writeMedia(_ value: JSONValue, _ path: String, type: String?) throws(Failure) {
        if let data = DataURL(value) { return writeInline(data.mediaType, data.base64) }
        let url = value.string ?? ""
        guard ["https://", "http://", "gs://"].contains(where: url.hasPrefix) else {
            throw .unsupported(path, "This model's provider takes an http or https address, or a data URL in base64.")
        }
        json.object { json in
            json.object("fileData") { json in
                if let type = type ?? MediaType.guess(url) { json.member("mimeType", type) }
                json.member("fileUri", url)
            }
        }
    }

    private mutating func writeInline(_ type: String, _ base64: ArraySlice<UInt8>) {
        json.object { json in
            json.object("inlineData") { json in
                json.member("mimeType", type)
                json.key("data")
                json.string(utf8: base64.span)
            }
        }
    }
}
