/// What the assistant said between two turns of others. Texts are kept as the insides of JSON strings.
struct AssistantTurn {
    var text: [UInt8] = []
    var hasText = false
    var reasoning: [UInt8] = []
    /// Entries of OpenRouter's `reasoning_details`.
    var details = JSONWriter()
    /// `function_call` items.
    var calls: [JSONValue] = []
    /// Who of several spoke.
    var name: JSONValue?
    var isEmpty: Bool { !hasText && reasoning.isEmpty && details.bytes.isEmpty && calls.isEmpty }

    /// The turn as one chat message. `reasoningKey` is where its reasoning goes.
    func write(to json: inout JSONWriter, reasoningKey: StaticString?) {
        json.object { json in
            json.member("role", literal: "assistant")
            if let name { json.member("name", name) }
            if hasText { json.member("content", inside: text) } else { json.member("content", raw: nil) }
            if let reasoningKey, !reasoning.isEmpty { json.member(reasoningKey, inside: reasoning) }
            if !details.bytes.isEmpty { json.member("reasoning_details") { $0.array { $0.raw(details.bytes) } } }
            if calls.isEmpty { return }
            json.key("tool_calls")
            json.array { json in
                for call in calls {
                    json.object { json in
                        json.member("id", call["call_id"])
                        json.member("type", literal: "function")
                        json.object("function") { $0.copy(["name", "arguments"], of: call) }
                    }
                }
            }
        }
    }
}
