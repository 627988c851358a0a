import PatchbayModel
import Testing

/// The rules of a stream's order, checked over its events (behaviour 19 and 20).
struct StreamRules {
    private var open: [Int: String] = [:]
    private var done: [Int] = []
    private var parts: [String: String] = [:]
    private var arguments: [Int: String] = [:]

    static func check(_ events: [ResponseEvent]) throws {
        guard case .created? = events.first, case .inProgress? = events.dropFirst().first else {
            Issue.record("a stream begins with created and in_progress")
            return
        }
        #expect(events.count(where: \.isTerminal) == 1 && events.last?.isTerminal == true)
        var rules = StreamRules()
        for event in events { rules.take(event) }
        #expect(rules.done == rules.done.sorted() && rules.open.isEmpty && rules.parts.isEmpty)
        if case .completed(let response)? = events.last {
            #expect(response.output.count == rules.done.count)
        }
    }

    private mutating func take(_ event: ResponseEvent) {
        switch event {
        case .itemAdded(let index, let item):
            #expect(index == open.count + done.count)
            open[index] = item.id
        case .itemDone(let index, let item):
            #expect(open.removeValue(forKey: index) == item.id)
            if case .functionCall(let call) = item { #expect(arguments[index] == call.arguments) }
            done.append(index)
        case .partAdded(let item, let part, _): begin(item, "\(part)")
        case .summaryPartAdded(let item, let part): begin(item, "s\(part)")
        case .textDelta(let item, let part, let text, _): add(item, "\(part)", text)
        case .refusalDelta(let item, let part, let text), .reasoningDelta(let item, let part, let text):
            add(item, "\(part)", text)
        case .summaryDelta(let item, let part, let text): add(item, "s\(part)", text)
        case .partDone(let item, let part, let content):
            switch content {
            case .text(let text, _, _), .refusal(let text), .reasoning(let text): end(item, "\(part)", text)
            }
        case .summaryPartDone(let item, let part, let text): end(item, "s\(part)", text)
        case .argumentsDelta(let item, let text):
            #expect(open[item.index] == item.id)
            arguments[item.index, default: ""] += text
        case .argumentsDone(let item, _, let text):
            #expect(arguments[item.index, default: ""] == text)
            arguments[item.index] = text
        default: break
        }
    }

    private mutating func begin(_ item: ItemReference, _ part: String) {
        #expect(open[item.index] == item.id)
        #expect(parts.updateValue("", forKey: "\(item.index)/\(part)") == nil)
    }

    private mutating func add(_ item: ItemReference, _ part: String, _ text: String) {
        let key = "\(item.index)/\(part)"
        #expect(parts[key] != nil)
        parts[key, default: ""] += text
    }

    private mutating func end(_ item: ItemReference, _ part: String, _ text: String) {
        #expect(parts.removeValue(forKey: "\(item.index)/\(part)") == text)
    }
}
