/// A fixed word of a dialect, such as `<tool_call>`. Begins and ends with ASCII, so that text is never cut inside a
/// character where a mark is taken out of it.
struct MarkupMark: Sendable, ExpressibleByStringLiteral {
    let bytes: [UInt8]

    init(stringLiteral text: String) {
        bytes = Array(text.utf8)
    }

    /// How much of a mark stands at a place.
    enum Match {
        case whole
        /// As much of it as there are bytes: more are needed.
        case part
        case none
    }
}
