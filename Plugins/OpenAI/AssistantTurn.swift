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
        if hasText { json.raw(InputText.quoted(text)) } else { json.null() }
        if !reasoning.isEmpty {
            json.key("reasoning_content")
            json.raw(InputText.quoted(reasoning))
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
}
