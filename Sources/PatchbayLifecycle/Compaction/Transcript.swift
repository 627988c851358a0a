import PatchbayJSON
import PatchbayModel

/// A conversation as text, for the one who summarises it: what was said, by whom, and what the tools did. Reasoning
/// is left out, media are named.
struct Transcript {
    private(set) var text = ""

    /// `instructions`: what the assistant was told beside the conversation. Throws `.invalidRequest` for an upstream's
    /// own compaction item, which nobody but that upstream can read.
    init(_ prompt: Prompt, instructions: String?) throws(GatewayError) {
        if let instructions, !instructions.isEmpty { add("instructions", instructions) }
        for bytes in prompt.items {
            guard let item = (try? JSONParser().parse(bytes, limits: .history))?.root else { continue }
            try add(item)
        }
    }

    var isEmpty: Bool { text.isEmpty }

    private mutating func add(_ item: JSONValue) throws(GatewayError) {
        switch item["type"]?.string {
        case "message": add(item["role"]?.string ?? "user", Self.text(of: item["content"]))
        case "function_call":
            add("tool call \(item["name"]?.string ?? "")", item["arguments"]?.string ?? "")
        case "function_call_output": add("tool output", Self.text(of: item["output"]))
        case "reasoning": break
        case "compaction":
            throw .invalid(
                "The conversation holds a compaction item that only the upstream it came from can read, so it can't be compacted here.",
                param: "input", code: "compaction_not_readable")
        case let type: add(type ?? "item", String(decoding: item.raw, as: UTF8.self))
        }
    }

    private mutating func add(_ title: String, _ body: String) {
        text += text.isEmpty ? "[\(title)]\n" : "\n\n[\(title)]\n"
        text += body
    }

    private static func text(of content: JSONValue?) -> String {
        guard let content else { return "" }
        if let text = content.string { return text }
        return content.elements.map { part in
            switch part["type"]?.string {
            case "input_image": "(an image)"
            case "input_file": "(a file: \(part["filename"]?.string ?? "without a name"))"
            case "refusal": part["refusal"]?.string ?? ""
            default: part["text"]?.string ?? "(\(part["type"]?.string ?? "something"))"
            }
        }.joined(separator: "\n")
    }
}
