/// What the assistant said between two turns of others. Texts are kept as the insides of JSON strings, escapes and all,
/// so that putting pieces together neither unescapes nor escapes a byte.
struct AssistantTurn {
    var text: [UInt8] = []
    var hasText = false
    var reasoning: [UInt8] = []
    /// `function_call` items.
    var calls: [JSONValue] = []

    var isEmpty: Bool { !hasText && reasoning.isEmpty && calls.isEmpty }

    /// The turn as one chat message.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("role", literal: "assistant")
        json.key("content")
        if hasText { json.raw(Self.quoted(text)) } else { json.null() }
        if !reasoning.isEmpty {
            json.key("reasoning_content")
            json.raw(Self.quoted(reasoning))
        }
        if !calls.isEmpty {
            json.key("tool_calls")
            json.beginArray()
            for call in calls {
                json.beginObject()
                json.member("id", call["call_id"])
                json.member("type", literal: "function")
                json.key("function")
                json.beginObject()
                json.member("name", call["name"])
                json.member("arguments", call["arguments"])
                json.endObject()
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    /// The inside of a JSON string as a JSON string.
    static func quoted(_ inside: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(inside.count + 2)
        bytes.append(quote)
        bytes.append(contentsOf: inside)
        bytes.append(quote)
        return bytes
    }
}

extension JSONValue {
    /// A string's bytes between its quotes, escapes and all; nil when this isn't a string.
    var inside: ArraySlice<UInt8>? { kind == .string ? raw.dropFirst().dropLast() : nil }
}
