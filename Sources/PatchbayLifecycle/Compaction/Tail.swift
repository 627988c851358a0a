import PatchbayJSON

/// Where the part of a prompt begins that an answer needs word for word, although a summary covers it: the last thing
/// that the user said and all after it; where that is nearly everything, the last exchange alone. A tool's call and
/// its output are never taken apart.
struct Tail {
    private struct Entry {
        var isUser = false
        var isReasoning = false
        var call: String?
        var output: String?
        var bytes = 0
    }

    private let entries: [Entry]
    private let first: Int

    init(_ prompt: Prompt) {
        first = prompt.hasSummary ? 1 : 0
        entries = prompt.items.map { bytes in
            guard let item = (try? JSONParser().parse(bytes, limits: .history))?.root else {
                return Entry(bytes: bytes.count)
            }
            let type = item["type"]?.string
            return Entry(
                isUser: item["role"]?.string == "user", isReasoning: type == "reasoning",
                call: type == "function_call" ? item["call_id"]?.string : nil,
                output: type == "function_call_output" ? item["call_id"]?.string : nil, bytes: bytes.count)
        }
    }

    /// The index of the tail's first item; nil where nothing would be left to summarise. `maxBytes`: what the user's
    /// last words and all after them may have to be kept whole.
    func start(maxBytes: Int) -> Int? {
        if let user = entries.lastIndex(where: \.isUser), user > first,
            entries[user...].reduce(0, { $0 + $1.bytes }) <= maxBytes, opens(at: user)
        {
            return user
        }
        var start = entries.count - 1
        while start > first, !opens(at: start) { start -= 1 }
        while start > first, entries[start - 1].isReasoning { start -= 1 }
        return start > first ? start : nil
    }

    /// Whether all outputs from here on have their calls from here on.
    private func opens(at start: Int) -> Bool {
        guard start >= 0 else { return false }
        let calls = Set(entries[start...].compactMap(\.call))
        return entries[start...].allSatisfy { $0.output.map(calls.contains) ?? true }
    }
}
