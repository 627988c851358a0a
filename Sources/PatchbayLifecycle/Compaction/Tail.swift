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
    /// For each item, whether all outputs from it on have their calls from it on.
    private let opens: [Bool]
    private let first: Int

    init(_ prompt: Prompt) {
        first = prompt.hasSummary ? 1 : 0
        let entries: [Entry] = prompt.items.map { bytes in
            guard let item = (try? JSONParser().parse(bytes, limits: .history))?.root else {
                return Entry(bytes: bytes.count)
            }
            let type = item["type"]?.string
            return Entry(
                isUser: item["role"]?.string == "user", isReasoning: type == "reasoning",
                call: type == "function_call" ? item["call_id"]?.string : nil,
                output: type == "function_call_output" ? item["call_id"]?.string : nil, bytes: bytes.count)
        }
        self.entries = entries
        var opens = Array(repeating: true, count: entries.count)
        var calls: Set<String> = []
        var open: Set<String> = []
        for (index, entry) in entries.enumerated().reversed() {
            if let call = entry.call {
                calls.insert(call)
                open.remove(call)
            }
            if let output = entry.output, !calls.contains(output) { open.insert(output) }
            opens[index] = open.isEmpty
        }
        self.opens = opens
    }

    /// The index of the tail's first item; nil where nothing would be left to summarise. `maxBytes`: what the user's
    /// last words and all after them may have to be kept whole.
    func start(maxBytes: Int) -> Int? {
        if let user = entries.lastIndex(where: \.isUser), user > first,
            entries[user...].reduce(0, { $0 + $1.bytes }) <= maxBytes, opens[user]
        {
            return user
        }
        var start = entries.count - 1
        while start > first, !opens[start] { start -= 1 }
        while start > first, entries[start - 1].isReasoning { start -= 1 }
        return start > first ? start : nil
    }
}
