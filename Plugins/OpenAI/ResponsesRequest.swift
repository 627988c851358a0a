import CPatchbay

/// A request for an upstream that speaks Responses: the body as it came, without what is between host and plugin or
/// belongs to the host alone (history, background), and with `store: false`: the upstream keeps nothing.
enum ResponsesRequest {
    static func write(_ request: JSONValue, isStream: Bool, notes: inout [String]) -> [UInt8] {
        var json = JSONWriter(capacity: request.document.bytes.count + 64)
        json.beginObject()
        for member in request.members {
            if member.keyEquals("input") {
                json.key("input")
                writeInput(member.value, to: &json, notes: &notes)
                continue
            }
            if member.keyEquals("stream_options") && !isStream { continue }
            if hosts.contains(where: { member.keyEquals($0) }) { continue }
            json.key(member.key)
            json.value(member.value)
        }
        json.member("stream", isStream)
        json.member("store", false)
        json.endObject()
        return json.bytes
    }

    /// A request for a count: what has a say in it, since the upstream refuses fields that it doesn't know there.
    static func writeCount(_ request: JSONValue) -> [UInt8] {
        var json = JSONWriter(capacity: request.document.bytes.count + 64)
        var notes: [String] = []
        json.beginObject()
        for member in request.members {
            if member.keyEquals("input") {
                json.key("input")
                writeInput(member.value, to: &json, notes: &notes)
            } else if counted.contains(where: { member.keyEquals($0) }) {
                json.key(member.key)
                json.value(member.value)
            }
        }
        json.endObject()
        return json.bytes
    }

    private static let counted: [StaticString] = [
        "model", "instructions", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text", "truncation",
    ]

    private static let hosts: [StaticString] = [
        "patchbay", "stream", "store", "background", "previous_response_id", "conversation",
    ]

    /// All items, except reasoning of which nothing is left: an upstream that keeps nothing can make nothing of it.
    private static func writeInput(_ input: JSONValue, to json: inout JSONWriter, notes: inout [String]) {
        guard let items = input.array else { return json.value(input) }
        json.beginArray()
        for item in items {
            if item["type"]?.stringEquals("reasoning") == true, isHollow(item) {
                notes.append("a reasoning item without text and without encrypted content was left out")
            } else {
                json.value(item)
            }
        }
        json.endArray()
    }

    private static func isHollow(_ item: JSONValue) -> Bool {
        item["encrypted_content"]?.text == nil && (item["summary"]?.count ?? 0) == 0
            && (item["content"]?.count ?? 0) == 0
    }
}
