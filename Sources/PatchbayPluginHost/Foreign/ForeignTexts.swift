internal import PatchbayLifecycle
import PatchbayJSON

/// The texts of a point's document that a C function is given: those of messages and of tools' outputs.
struct ForeignTexts {
    /// Strings, in the order of the document.
    private(set) var found: [JSONValue] = []
    private let root: JSONValue
    private let point: HookPoint

    init(_ root: JSONValue, at point: HookPoint) {
        self.root = root
        self.point = point
        if point == .toolResult {
            add(root["output"])
        } else if let input = root["input"] {
            if input.kind == .string { add(input) }
            for item in input.elements { add(item: item) }
        }
    }

    private mutating func add(item: JSONValue) {
        switch item["type"]?.string {
        case nil, "message": add(content: item["content"])
        case "function_call_output", "custom_tool_call_output": add(content: item["output"])
        default: break
        }
    }

    /// A text, or parts that may have one.
    private mutating func add(content: JSONValue?) {
        guard let content else { return }
        if content.kind == .string { add(content) }
        for part in content.elements { add(part["text"]) }
    }

    private mutating func add(_ text: JSONValue?) {
        if let text, text.kind == .string { found.append(text) }
    }

    /// What replaces the document, with other texts in the places of some. The rest stays as it is.
    func document(with replaced: [(range: Range<Int>, text: String)]) -> [UInt8] {
        switch point {
        case .historyLoaded: Array("{\"input\":".utf8) + splice(root["input"], replaced) + Array("}".utf8)
        case .toolResult: Array("{\"output\":".utf8) + splice(root["output"], replaced) + Array("}".utf8)
        default: splice(root, replaced)
        }
    }

    private func splice(_ value: JSONValue?, _ replaced: [(range: Range<Int>, text: String)]) -> [UInt8] {
        guard let value else { return [] }
        let bytes = value.document.bytes
        var spliced: [UInt8] = []
        var start = value.range.lowerBound
        for place in replaced {
            spliced += bytes[start..<place.range.lowerBound]
            spliced += JSONWriter.quoted(place.text)
            start = place.range.upperBound
        }
        return spliced + bytes[start..<value.range.upperBound]
    }
}
