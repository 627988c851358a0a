/// What one side says until the other begins: one message of the API, whose turns alternate.
struct Turn {
    var role: InputItem.Role?
    /// The results of tools: of a user's turn they must come first.
    var results = JSONWriter()
    var blocks = JSONWriter()
    /// Whether it has a block of thinking, and calls of tools.
    var hasThinking = false
    var hasCalls = false

    var isEmpty: Bool { results.bytes.isEmpty && blocks.bytes.isEmpty }

    /// The turn as one message.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("role", literal: role == .assistant ? "assistant" : "user")
        json.key("content")
        json.beginArray()
        if !results.bytes.isEmpty { json.raw(results.bytes) }
        if !blocks.bytes.isEmpty { json.raw(blocks.bytes) }
        json.endArray()
        json.endObject()
    }
}
