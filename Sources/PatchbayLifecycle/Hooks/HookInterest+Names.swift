extension HookInterest {
    /// The names of the points, in the order of a request's life.
    package var pointNames: [String] {
        HookPoint.allCases.filter(contains).map(\.name)
    }

    /// The names of the kinds of events that it is visited with, in the order of their numbers; none without the point.
    package var eventNames: [String] {
        guard contains(.events) else { return [] }
        return Self.kinds.enumerated().filter { events & (1 << UInt32($0.offset + 1)) != 0 }.map(\.element)
    }

    /// It is visited with every kind of event that there is.
    package var hasAllEvents: Bool { eventNames.count == Self.kinds.count }

    /// PBAY_EVENT_*, from number 1.
    private static let kinds = [
        "text", "refusal", "reasoning", "reasoning_summary", "reasoning_opaque", "tool_call", "arguments",
        "tool_call_end", "item", "annotation", "logprobs", "part_end", "item_end",
    ]
}
