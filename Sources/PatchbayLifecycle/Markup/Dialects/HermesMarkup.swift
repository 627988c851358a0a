/// `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, as Hermes 2 Pro introduced it.
struct HermesMarkup: MarkupReader {
    static let opener: MarkupMark = "<tool_call>"
    static let closer: MarkupMark = "</tool_call>"

    private var list = CallList()
    private var isClosing = false

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        if !isClosing {
            let progress = list.read(&input, &calls)
            guard case .done = progress else { return progress }
            isClosing = true
        }
        input.skipSpace()
        // A brace too many is the commonest mistake.
        while input.next == UInt8(ascii: "}") {
            input.position += 1
            input.skipSpace()
        }
        switch input.take(Self.closer) {
        case .whole: return .done
        case .part: return .more
        case .none: return .malformed
        }
    }
}

extension MarkupDialect {
    static let hermes = MarkupDialect(
        openers: [Opener(mark: HermesMarkup.opener) { _ in HermesMarkup() }], closers: [HermesMarkup.closer])
}
