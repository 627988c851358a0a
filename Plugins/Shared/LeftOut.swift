/// What of a request an upstream has no place for. What decides the answer is refused with its path, all else is told
/// to the operator in one line.
struct LeftOut {
    private var names: [String] = []
    /// Further lines for the log.
    var others: [String] = []
    /// Whether there is anything of other formats to look for.
    let marks: JSONDocument.Marks

    init(of request: JSONValue) { marks = request.document.marks }

    /// Without having looked: everything is looked for everywhere.
    init() { marks = JSONDocument.Marks(foreign: true, names: true) }

    /// The upstream has no place for this field of the request.
    mutating func field(_ name: String, _ value: JSONValue) throws(Failure) {
        if Self.hosts.contains(name) || (Self.isNeutral(value) && name != "seed") { return }
        if Self.deciding.contains(name) {
            throw .unsupported(
                name, "This model's provider can't honour '\(name)'. Leave it out, or use another model.")
        }
        guard name == "anthropic" else { return hint(name) }
        for member in value.members where !isSaidElsewhere(member) { hint("anthropic.\(member.key)") }
    }

    /// Whether the format that it came from has put all of it that decides anything into `reasoning` and `text` as well.
    private func isSaidElsewhere(_ member: JSONMember) -> Bool {
        switch member.key {
        case "thinking":
            // What is disabled is disabled whatever the effort.
            ["enabled", "adaptive"].contains { member.value["type"]?.stringEquals($0) == true }
        case "output_config":
            member.value.members.allSatisfy { $0.keyEquals("effort") || $0.keyEquals("format") }
        default: false
        }
    }

    /// Which of the assistant's messages are remarks on the way and which is the answer.
    mutating func phase(of message: JSONValue) {
        if message["phase"]?.present != nil { hint("phase of a message") }
    }

    /// What a reasoning item has beside its texts, if it has any.
    mutating func reasoning(_ item: JSONValue, hasTexts: Bool) {
        if EncryptedReasoning(item) != nil {
            hint("reasoning that only its own provider can read")
        } else if !hasTexts, (item["summary"]?.count ?? 0) > 0 {
            hint("a summary of reasoning")
        }
    }

    /// The upstream has no place for this, and the answer doesn't hang on it.
    mutating func hint(_ name: String) {
        let name = String(name.prefix(80))
        if names.count < 32, !names.contains(name) { names.append(name) }
    }

    /// Anthropic's mark for its cache, if this item, part or tool has one.
    mutating func mark(of value: JSONValue) {
        if marks.foreign, value["cache_control"]?.present != nil { hint("cache_control") }
    }

    /// The lines for the log; none when nothing was left out.
    var notes: [String] {
        names.isEmpty ? others : others + ["this provider has no place for \(names.joined(separator: ", ")): left out"]
    }

    /// What the host itself honours, or what only it and the plugin speak of.
    private static let hosts: Set<String> = [
        "patchbay", "stream", "stream_options", "store", "background", "previous_response_id", "conversation",
        "truncation", "max_tool_calls", "context_management", "include", "parallel_tool_calls",
    ]

    private static let deciding: Set<String> = [
        "prompt", "stop", "top_k", "logit_bias", "presence_penalty", "frequency_penalty", "top_logprobs",
    ]

    /// A value that asks for nothing.
    private static func isNeutral(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .null: true
        case .bool: value.bool == false
        case .integer, .double: value.double == 0
        case .string, .array, .object: value.count == 0
        }
    }
}
