import PatchbayJSON
import PatchbayModel

/// The `content` of a message, a string or parts, as an array of the hub's content parts.
struct ChatParts {
    /// What a message may hold.
    enum Kind { case text, answer, anything }

    /// The array.
    let json: [UInt8]
    let isEmpty: Bool

    /// Reads the message's `content`, and of an assistant its `refusal`.
    init(_ message: FieldReader, takes kind: Kind) throws(GatewayError) {
        var json = JSONWriter()
        var count = 0
        json.beginArray()
        switch message.present("content") {
        case nil: break
        case let content? where content.kind == .string:
            if kind != .answer || content.count > 0 {
                Self.write(text: content, isOutput: kind == .answer, to: &json)
                count += 1
            }
        case let content? where content.kind == .array:
            for (index, value) in content.elements.enumerated() {
                let place = message.place.member("content").element(index)
                guard value.kind == .object else {
                    throw .invalid(
                        "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                        param: place.path, code: "invalid_type")
                }
                try Self.write(FieldReader(value, at: place), kind, to: &json)
                count += 1
            }
        case let content?:
            throw message.wrongType("content", expected: "a string or an array of parts", found: content)
        }
        if kind == .answer, try message.hasString("refusal"), let refusal = message.value["refusal"] {
            Self.write(refusal: refusal, to: &json)
            count += 1
        }
        json.endArray()
        self.json = json.bytes
        isEmpty = count == 0
    }

    private static func write(_ part: FieldReader, _ kind: Kind, to json: inout JSONWriter) throws(GatewayError) {
        let type = try part.requiredString("type", maxLength: 128)
        switch (type, kind) {
        case ("text", _):
            guard try part.hasString("text"), let text = part.value["text"] else { throw part.missing("text") }
            write(text: text, isOutput: kind == .answer, to: &json)
        case ("refusal", .answer):
            guard try part.hasString("refusal"), let text = part.value["refusal"] else { throw part.missing("refusal") }
            write(refusal: text, to: &json)
        case ("image_url", .anything): try writeImage(part, to: &json)
        case ("file", .anything): try writeFile(part, to: &json)
        case ("input_audio", .anything):
            guard let audio = try part.object("input_audio") else { throw part.missing("input_audio") }
            guard try audio.hasString("data") else { throw audio.missing("data") }
            _ = try audio.requiredString("format", maxLength: 64)
            json.object { json in
                json.member("type", literal: "input_audio")
                json.member("input_audio", audio.value)
            }
        default:
            let known = ["text", "refusal", "image_url", "file", "input_audio"].contains(type)
            throw .invalid(
                known
                    ? "Invalid value '\(type)' for '\(part.path("type"))': not in a message of this role."
                    : "Invalid value '\(type)' for '\(part.path("type"))'. Supported values are: 'text', 'image_url', 'input_audio' and 'file'.",
                param: part.path("type"), code: "invalid_value")
        }
    }

    private static func writeImage(_ part: FieldReader, to json: inout JSONWriter) throws(GatewayError) {
        guard let image = try part.object("image_url") else { throw part.missing("image_url") }
        let url = try image.requiredString("url", maxLength: .max)
        guard url.hasPrefix("https://") || url.hasPrefix("http://") || url.hasPrefix("data:") else {
            throw .invalid(
                "Invalid '\(image.path("url"))': expected an http, https or data URL.", param: image.path("url"),
                code: "invalid_value")
        }
        _ = try image.string("detail", maxLength: 64)
        json.object { json in
            json.member("type", literal: "input_image")
            json.member("image_url", image.value["url"])
            if let detail = image.present("detail") { json.member("detail", detail) }
        }
    }

    private static func writeFile(_ part: FieldReader, to json: inout JSONWriter) throws(GatewayError) {
        guard let file = try part.object("file") else { throw part.missing("file") }
        let hasData = try file.hasString("file_data")
        let hasID = try file.hasString("file_id")
        guard hasData || hasID else { throw file.missing("file_data") }
        _ = try file.string("filename", maxLength: 1024)
        json.object { json in
            json.member("type", literal: "input_file")
            for name in ["filename", "file_data", "file_id"] as [StaticString] {
                if let value = file.present(name) { json.member(name, value) }
            }
        }
    }

    private static func write(text: JSONValue, isOutput: Bool, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", literal: isOutput ? "output_text" : "input_text")
            json.member("text", text)
            if isOutput { json.member("annotations") { $0.array { _ in } } }
        }
    }

    private static func write(refusal: JSONValue, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", literal: "refusal")
            json.member("refusal", refusal)
        }
    }
}
