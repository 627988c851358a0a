/// One part of a message's content or of a function's output, checked.
enum InputPart {
    /// What is said, whoever says it: a JSON string.
    case text(JSONValue)
    case refusal(JSONValue)
    /// By an address, which may be a data URL: a JSON string.
    case image(JSONValue)
    /// By the id of a file.
    case imageFile(JSONValue)
    /// `filename`, `file_data`, `file_url`, `file_id`, `context`: the part itself.
    case file
    /// `data` (base64) and `format` of the object `input_audio`.
    case audio(data: JSONValue, format: JSONValue)
    /// Any other, such as `anthropic:…`.
    case other(String)

    init(_ part: JSONValue, _ path: ItemPath) throws(Failure) {
        let type = part["type"]
        if type?.stringEquals("input_text") == true || type?.stringEquals("output_text") == true {
            self = .text(try Self.string(part, "text", path))
            return
        }
        switch type?.string ?? "" {
        case "text": self = .text(try Self.string(part, "text", path))
        case "refusal": self = .refusal(try Self.string(part, "refusal", path))
        case "input_image":
            if part["image_url"]?.present == nil, let id = part["file_id"]?.present {
                self = .imageFile(id)
            } else {
                self = .image(try Self.string(part, "image_url", path))
            }
        case "input_file": self = .file
        case "input_audio":
            guard let audio = part["input_audio"] else { throw .invalid(path.text(".input_audio"), "it is missing") }
            let (data, format) = (audio["data"], audio["format"])
            guard let data, data.kind == .string, let format, format.kind == .string else {
                throw .invalid(path.text(".input_audio"), "data and format must be strings")
            }
            self = .audio(data: data, format: format)
        case let type: self = .other(type)
        }
    }

    private static func string(_ part: JSONValue, _ key: StaticString, _ path: ItemPath) throws(Failure) -> JSONValue {
        guard let value = part[key], value.kind == .string else {
            throw .invalid(path.text(".\(key)"), "a string is missing")
        }
        return value
    }

    /// The refusal of a part that the upstream has no place for.
    static func unsupported(_ part: JSONValue, _ path: ItemPath) -> Failure {
        let type = part["type"]?.string ?? ""
        return .unsupported(
            path.text(".type"), "This model's provider can't take parts of type '\(type.prefix(60))' here.")
    }
}
