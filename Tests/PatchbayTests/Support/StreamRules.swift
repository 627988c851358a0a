/// The promises that every stream of the Responses API keeps (behaviour 19 and 20), whatever the model says.
struct StreamRules {
    private var open: [Int: String] = [:]
    private var parts: [String: String] = [:]
    private var done: [JSON] = []

    /// Checks a whole stream and returns the response of its last event.
    static func check(_ events: [SSEEvent]) throws -> JSON {
        var rules = StreamRules()
        for (number, event) in events.enumerated() {
            guard event.json["type"]?.string == event.name else {
                throw TestFailure("event: isn't the type of \(event.data)")
            }
            guard event.json["sequence_number"]?.int == number else {
                throw TestFailure("sequence_number isn't \(number): \(event.data)")
            }
            let isLast = number == events.count - 1
            let isTerminal = ["response.completed", "response.incomplete", "response.failed"].contains(event.name)
            guard isTerminal == isLast else {
                throw TestFailure("terminal event \(number) of \(events.count): \(event.data)")
            }
            try rules.take(event)
        }
        let begin = events.prefix { $0.name != "response.in_progress" }.map(\.name)
        guard begin == ["response.created"] || begin == ["response.created", "response.queued"] else {
            throw TestFailure("a stream begins with response.created and response.in_progress")
        }
        let final = events[events.count - 1].json["response"] ?? .null
        let ids = Set(events.compactMap { $0.json["response"]?["id"] })
        guard ids.count == 1 else { throw TestFailure("the response's id changed: \(ids)") }
        guard rules.open.isEmpty, rules.parts.isEmpty else {
            throw TestFailure("left open: \(rules.open) \(rules.parts)")
        }
        guard final["output"] == .array(rules.done) else {
            throw TestFailure("the output isn't the items that were done: \(final.text)")
        }
        // There is no event for what was cancelled.
        let status = final["status"] == "cancelled" ? "failed" : final["status"]?.string
        guard status == events.last?.name.dropFirst("response.".count).description else {
            throw TestFailure("the status isn't the event's: \(final.text)")
        }
        return final
    }

    private mutating func take(_ event: SSEEvent) throws {
        let json = event.json
        let index = json["output_index"]?.int
        let place = "\(index ?? -1) \(json["content_index"]?.int ?? json["summary_index"]?.int ?? -1)"
        switch event.name {
        case "response.output_item.added":
            guard let index, index == done.count + open.count, let id = json["item"]?["id"]?.string else {
                throw wrong("added", event)
            }
            open[index] = id
        case "response.output_item.done":
            guard let index, index == done.count, let item = json["item"],
                open.removeValue(forKey: index) == item["id"]?.string
            else {
                throw wrong("done out of order", event)
            }
            done.append(item)
        case "response.content_part.added": try begin("content " + place, event)
        case "response.reasoning_summary_part.added": try begin("summary " + place, event)
        case "response.output_text.delta", "response.refusal.delta", "response.reasoning_text.delta":
            try append("content " + place, event)
        case "response.reasoning_summary_text.delta": try append("summary " + place, event)
        case "response.function_call_arguments.delta":
            if parts["arguments " + place] == nil { try begin("arguments " + place, event) }
            try append("arguments " + place, event)
        case "response.output_text.done", "response.reasoning_text.done":
            try compare("content " + place, json["text"], event)
        case "response.refusal.done": try compare("content " + place, json["refusal"], event)
        case "response.reasoning_summary_text.done": try compare("summary " + place, json["text"], event)
        case "response.function_call_arguments.done":
            if parts["arguments " + place] == nil { try begin("arguments " + place, event) }
            try compare("arguments " + place, json["arguments"], event)
            parts["arguments " + place] = nil
        case "response.compaction.compacting":
            guard let index, open[index] == json["item_id"]?.string else { throw wrong("no item to compact", event) }
        case "response.content_part.done":
            guard let text = parts.removeValue(forKey: "content " + place), let part = json["part"],
                part["text"]?.string == text || part["refusal"]?.string == text
            else { throw wrong("a part's end", event) }
        case "response.reasoning_summary_part.done":
            guard let text = parts.removeValue(forKey: "summary " + place), json["part"]?["text"]?.string == text else {
                throw wrong("a summary's end", event)
            }
        case "response.created", "response.queued", "response.in_progress", "response.completed", "response.incomplete",
            "response.failed",
            "error",
            "response.output_text.annotation.added":
            return
        default: throw wrong("an event that OpenAI doesn't have", event)
        }
    }

    private mutating func begin(_ key: String, _ event: SSEEvent) throws {
        try checkItem(event)
        guard parts.updateValue("", forKey: key) == nil else { throw wrong("a part that is open already", event) }
    }

    private mutating func append(_ key: String, _ event: SSEEvent) throws {
        try checkItem(event)
        guard let text = parts[key], let delta = event.json["delta"]?.string else {
            throw wrong("a delta of no part", event)
        }
        parts[key] = text + delta
    }

    private func compare(_ key: String, _ text: JSON?, _ event: SSEEvent) throws {
        try checkItem(event)
        guard parts[key] == text?.string else { throw wrong("a text that isn't its deltas", event) }
    }

    private func checkItem(_ event: SSEEvent) throws {
        guard let index = event.json["output_index"]?.int, open[index] == event.json["item_id"]?.string else {
            throw wrong("an item that isn't open", event)
        }
    }

    private func wrong(_ what: String, _ event: SSEEvent) -> TestFailure {
        TestFailure("\(what): \(event.data)")
    }
}
