/// `[TOOL_CALLS]`, and then either `[{"name": …, "arguments": {…}}, …]` (up to tokenizer v7), or `name[ARGS]{…}` for
/// each call (v11 and later, with `[CALL_ID]…` before `[ARGS]` in some).
struct MistralMarkup: MarkupReader {
    private enum Step { case open, name, callID, arguments, list }

    static let opener: MarkupMark = "[TOOL_CALLS]"
    private static let arguments: MarkupMark = "[ARGS]"
    private static let callID: MarkupMark = "[CALL_ID]"

    private var step = Step.open
    private var name = ""
    private var list = CallList()
    private var object = ArgumentsObject()

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            switch step {
            case .open:
                input.skipSpace()
                guard let byte = input.next else { return .more }
                step = byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") ? .list : .name
            case .list:
                return list.read(&input, &calls)
            case .name:
                if let progress = readName(&input) { return progress }
            case .callID:
                switch input.take(upTo: Self.arguments) {
                case .text: step = .arguments
                case .more: return .more
                case .none: return .malformed
                }
            case .arguments:
                return object.read(of: name, &input, &calls)
            }
        }
    }

    /// Reads the name and the mark that follows it. Nil: go on.
    private mutating func readName(_ input: inout MarkupInput) -> MarkupProgress? {
        let start = input.position
        switch input.takeName() {
        case .text(let text): name = text
        case .more: return .more
        case .none: return .malformed
        }
        if input.next == UInt8(ascii: "{") {
            step = .arguments
            return nil
        }
        switch input.take(Self.arguments, or: Self.callID) {
        case .first: step = .arguments
        case .second: step = .callID
        case .more:
            input.position = start
            return .more
        case .none: return .malformed
        }
        return nil
    }
}

extension MarkupDialect {
    static let mistral = MarkupDialect(openers: [Opener(mark: MistralMarkup.opener) { _ in MistralMarkup() }])
}
