/// What the assistant said between two turns of others. Texts are kept as the insides of JSON strings.
struct AssistantTurn {
    var text: [UInt8] = []
    var hasText = false
    var reasoning: [UInt8] = []
    /// `function_call` items.
    var calls: [JSONValue] = []
    /// Who of several spoke.
    var name: JSONValue?

    var isEmpty: Bool { !hasText && reasoning.isEmpty && calls.isEmpty }

    /// The turn as one chat message. `reasoningKey` is where its reasoning goes.
    func write(to json: inout JSONWriter, reasoningKey: StaticString?) {
        json.beginObject()
        json.member("role", literal: "assistant")
        if let name { json.member("name", name) }
        json.key("content")
        if hasText { json.raw(InputText.quoted(text)) } else { json.null() }
        if let reasoningKey, !reasoning.isEmpty {
            json.key(reasoningKey)
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
