/// OpenRouter's `reasoning_details`: beside the texts, what its providers want back. An entry that has any crosses the
/// hub whole, but for its text, as the `encrypted_content` of a reasoning item.
enum ReasoningDetails {
    /// `text`: what the delta says of it elsewhere, for details without texts. Theirs belong to a signature each.
    static func push(_ details: JSONValue?, text: ArraySlice<UInt8>?, to output: Output) {
        let hasTexts = details?.elements.contains { Self.text(of: $0) != nil } == true
        if let text, !hasTexts { output.reasoning(text) }
        guard let details else { return }
        for entry in details.elements where entry.kind == .object {
            if let text = Self.text(of: entry) { output.reasoning(text) }
            guard let secret = entry["signature"]?.text ?? entry["data"]?.text, !secret.isEmpty else { continue }
            var json = JSONWriter()
            json.object { entry.writeMembers(to: &$0, except: ["text", "summary", "index"]) }
            output.opaqueReasoning(json.bytes[...])
            output.endItem()
        }
    }

    private static func text(of entry: JSONValue) -> ArraySlice<UInt8>? {
        entry["text"]?.text ?? entry["summary"]?.text
    }

    /// The entries that an item came from; false where it is none of OpenRouter's.
    static func write(_ item: JSONValue, _ texts: [JSONValue], to json: inout JSONWriter) -> Bool {
        guard let text = item["encrypted_content"]?.text, text.first == UInt8(ascii: "{"),
            let entry = (try? JSONDocument.parse(text, limits: .stored))?.root,
            entry["type"]?.text?.starts(with: "reasoning.".utf8) == true
        else { return false }
        let isText = entry["type"]?.stringEquals("reasoning.text") == true
        let said = [UInt8](texts.map { $0.inside ?? [] }.joined(separator: Array("\\n\\n".utf8)))
        if !isText, !said.isEmpty {
            json.object { json in
                json.member("type", literal: "reasoning.summary")
                json.member("summary", inside: said)
                json.copy(["format"], of: entry)
            }
        }
        json.object { json in
            entry.writeMembers(to: &json, except: [])
            if isText { json.member("text", inside: said) }
        }
        return true
    }
}
