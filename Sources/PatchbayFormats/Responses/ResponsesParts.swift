import PatchbayJSON
import PatchbayModel

/// Content parts: of messages, of function outputs, of reasoning.
enum ResponsesParts {
    /// Part types that are carried without a look inside; besides them, any `vendor:type`.
    private static let carried: Set<String> = [
        "input_audio", "input_video", "computer_screenshot", "summary_text", "reasoning_text",
    ]

    /// Checks an array of parts. Whether one is a `text`, which `write` gives another name.
    @discardableResult
    static func check(_ parts: JSONValue, at place: Place) throws(GatewayError) -> Bool {
        var hasText = false
        for (index, value) in parts.elements.enumerated() {
            if try check(part: value, at: place.element(index)) == "text" { hasText = true }
        }
        return hasText
    }

    /// The part's type.
    private static func check(part value: JSONValue, at place: Place) throws(GatewayError) -> String {
        guard value.kind == .object else {
            throw .invalid(
                "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                param: place.path,
                code: "invalid_type")
        }
        let part = FieldReader(value, at: place)
        let type = try part.requiredString("type", maxLength: 128)
        switch type {
        case "input_text", "output_text", "text", "summary_text", "reasoning_text":
            guard try part.hasString("text") else { throw part.missing("text") }
        case "refusal":
            guard try part.hasString("refusal") else { throw part.missing("refusal") }
        case "input_image":
            let url = try part.string("image_url", maxLength: .max)
            let file = try part.string("file_id", maxLength: 256)
            guard url != nil || file != nil else { throw part.missing("image_url") }
            if let url, !url.hasPrefix("https://"), !url.hasPrefix("http://"), !url.hasPrefix("data:") {
                throw .invalid(
                    "Invalid '\(part.path("image_url"))': expected an http, https or data URL.",
                    param: part.path("image_url"), code: "invalid_value")
            }
            _ = try part.string("detail", maxLength: 64)
        case "input_file":
            var sources = 0
            for name in ["file_id", "file_data", "file_url"] as [StaticString] {
                if try part.hasString(name) { sources += 1 }
            }
            guard sources > 0 else { throw part.missing("file_id") }
            _ = try part.string("filename", maxLength: 1024)
        default:
            guard carried.contains(type) || type.isVendorType else {
                throw .invalid(
                    "Invalid value '\(type)' for '\(part.path("type"))': no such content part.",
                    param: part.path("type"),
                    code: "invalid_value")
            }
        }
        return type
    }

    /// Writes a message's content as a list of parts: a string becomes one, and `text` gets the name that its role
    /// gives it.
    static func write(_ content: JSONValue, role: String, to json: inout JSONWriter) {
        let isOutput = role == "assistant"
        json.array { json in
            if let text = content.string {
                write(text, isOutput: isOutput, to: &json)
                return
            }
            for part in content.elements {
                if part["type"]?.stringEquals("text") == true {
                    write(part["text"]?.string ?? "", isOutput: isOutput, to: &json)
                } else {
                    json.raw(part.raw)
                }
            }
        }
    }

    static func write(_ text: String, isOutput: Bool, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", literal: isOutput ? "output_text" : "input_text")
            json.member("text", text)
            if isOutput { json.member("annotations") { $0.array { _ in } } }
        }
    }
}
