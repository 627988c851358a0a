import PatchbayJSON

/// `truncation: "auto"`: a prompt without its oldest turns. A turn begins with what the user says and ends before the
/// user's next words; a tool's call and its output are never taken apart, nor a call and the reasoning before it. What
/// system and developer messages say stays, and so do summaries of what was before.
struct Truncation {
    fileprivate struct Entry {
        var isUser = false
        var isPinned = false
        var callID: String?
    }

    private let prompt: Prompt
    private let entries: [Entry]
    /// Where turns begin, but for the first.
    private let cuts: [Int]

    init(_ prompt: Prompt) {
        self.prompt = prompt
        let entries = prompt.items.map { Entry($0) }
        self.entries = entries
        // Between a call and the last item that answers it there is no cut.
        var first: [String: Int] = [:]
        // Where such stretches begin and end.
        var joins = Array(repeating: 0, count: entries.count + 1)
        for (index, entry) in entries.enumerated() {
            guard let id = entry.callID else { continue }
            guard let start = first[id] else {
                first[id] = index
                continue
            }
            joins[start + 1] += 1
            joins[index + 1] -= 1
            first[id] = index
        }
        var cuts: [Int] = []
        var joined = 0
        var hasTurn = false
        var wasUser = false
        for (index, entry) in entries.enumerated() {
            joined += joins[index]
            guard !entry.isPinned else { continue }
            if entry.isUser, !wasUser, hasTurn, joined == 0 { cuts.append(index) }
            hasTurn = true
            wasUser = entry.isUser
        }
        self.cuts = cuts
    }

    /// How many turns can go: all but the last.
    var count: Int { cuts.count }

    /// The prompt without its first turns; `turns` from 1 to `count`.
    func dropping(_ turns: Int) -> Prompt {
        let start = cuts[turns - 1]
        return prompt.keeping(entries.indices.filter { $0 >= start || entries[$0].isPinned })
    }
}

extension Truncation.Entry {
    fileprivate init(_ json: ArraySlice<UInt8>) {
        guard let item = (try? JSONParser().parse(json, limits: .history))?.root else { return }
        switch item["role"]?.string {
        case "user": isUser = true
        case "system", "developer": isPinned = true
        default: break
        }
        if item["type"]?.stringEquals("compaction") == true { isPinned = true }
        callID = item["call_id"]?.string ?? item["approval_request_id"]?.string
    }
}
