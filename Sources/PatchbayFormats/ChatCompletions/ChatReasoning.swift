import PatchbayJSON
import PatchbayModel

/// Reasoning with what its provider wants back. Chat Completions has no word for that; `reasoning_details` is
/// OpenRouter's, and a client that sends an assistant's message back as it came sends it too.
enum ChatReasoning {
    /// The entries of an item that has something to give back; `index` is the number of the first and becomes that of the
    /// next.
    static func write(_ item: OutputItem.Reasoning, index: inout Int, to json: inout JSONWriter) {
        guard let opaque = item.encryptedContent else { return }
        var number = index
        func entry(_ type: StaticString, _ key: StaticString, _ text: String, _ signature: String? = nil) {
            json.object { json in
                json.member("type", literal: type)
                json.member("id", item.id)
                json.member(key, text)
                if let signature { json.member("signature", signature) }
                json.member("index", number)
            }
            number += 1
        }
        for text in item.summary { entry("reasoning.summary", "summary", text) }
        for text in item.content.dropLast() { entry("reasoning.text", "text", text) }
        if let last = item.content.last {
            entry("reasoning.text", "text", last, opaque)
        } else {
            entry("reasoning.encrypted", "data", opaque)
        }
        index = number
    }

    /// The reasoning that an assistant's `reasoning_details` came from. Entries of one id are one item; where there are
    /// none, an item ends with what its provider wants back. One that holds nothing is none.
    static func items(_ message: FieldReader) throws(GatewayError) -> [OutputItem.Reasoning] {
        var items: [OutputItem.Reasoning] = []
        for (index, value) in (try message.array("reasoning_details")?.elements.enumerated().map { $0 }) ?? [] {
            let place = message.place.member("reasoning_details").element(index)
            guard value.kind == .object else {
                throw .invalid(
                    "Invalid type for '\(place.path)': expected an object, but got \(value.kind) instead.",
                    param: place.path, code: "invalid_type")
            }
            let entry = FieldReader(value, at: place)
            let id = try entry.string("id", maxLength: 256) ?? ""
            if items.last?.id != id || items.last?.encryptedContent != nil { items.append(.init(id: id)) }
            let last = items.count - 1
            switch try entry.requiredString("type", maxLength: 64) {
            case "reasoning.text":
                if let text = try entry.string("text", maxLength: .max) { items[last].content.append(text) }
                items[last].encryptedContent = try opaque(entry, "signature")
            case "reasoning.summary":
                items[last].summary.append(try entry.requiredString("summary", maxLength: .max))
            case "reasoning.encrypted":
                guard entry.present("data") != nil else { throw entry.missing("data") }
                items[last].encryptedContent = try opaque(entry, "data")
            case let type:
                throw .invalid(
                    "Invalid value '\(type)' for '\(entry.path("type"))'. Supported values are: 'reasoning.text', 'reasoning.summary' and 'reasoning.encrypted'.",
                    param: entry.path("type"), code: "invalid_value")
            }
        }
        return items.filter { !$0.content.isEmpty || !$0.summary.isEmpty || $0.encryptedContent != nil }
    }

    /// Nil also where there is nothing in it.
    private static func opaque(_ entry: FieldReader, _ name: StaticString) throws(GatewayError) -> String? {
        let opaque = try entry.string(name, maxLength: .max)
        return MessagesAnswer.isSaid(opaque) ? opaque : nil
    }

    /// A reasoning item as the assistant's message told it, which has no id of ours.
    static func body(of item: OutputItem.Reasoning) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("type", literal: "reasoning")
            json.member("summary") { write(item.summary, type: "summary_text", to: &$0) }
            if !item.content.isEmpty { json.member("content") { write(item.content, type: "reasoning_text", to: &$0) } }
            if let opaque = item.encryptedContent { json.member("encrypted_content", opaque) }
        }
        return json.bytes
    }

    private static func write(_ texts: [String], type: StaticString, to json: inout JSONWriter) {
        json.array { json in
            for text in texts {
                json.object { json in
                    json.member("type", literal: type)
                    json.member("text", text)
                }
            }
        }
    }
}
