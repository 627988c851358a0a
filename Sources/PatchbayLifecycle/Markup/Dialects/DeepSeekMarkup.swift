/// The tokens of DeepSeek up to V3.1. A call of V3 and R1 is `function<｜tool▁sep｜>name`, and its arguments in a fence
/// of JSON; one of V3.1 is `name<｜tool▁sep｜>{…}`. Later versions write DSML.
struct DeepSeekMarkup: MarkupReader {
    private enum Step { case between, header, separated, fence, arguments, after }

    static let callsOpener: MarkupMark = "<｜tool▁calls▁begin｜>"
    static let callsCloser: MarkupMark = "<｜tool▁calls▁end｜>"
    static let callOpener: MarkupMark = "<｜tool▁call▁begin｜>"
    static let callCloser: MarkupMark = "<｜tool▁call▁end｜>"
    private static let separator: MarkupMark = "<｜tool▁sep｜>"
    private static let fence: MarkupMark = "```"
    private static let jsonFence: MarkupMark = "```json"
    private static let line: MarkupMark = "\n"

    private var step: Step
    private var header = ""
    private var name = ""
    private var object = ArgumentsObject()

    /// `isInCall`: the mark of a single call has been read, and not that of them all.
    init(isInCall: Bool) {
        step = isInCall ? .header : .between
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            if step != .arguments { input.skipSpace() }
            let progress =
                switch step {
                case .between: readBetween(&input)
                case .header: readHeader(&input)
                case .separated: readName(&input)
                case .fence: readFence(&input)
                case .arguments: readArguments(&input, &calls)
                case .after: readAfter(&input)
                }
            if let progress { return progress }
        }
    }

    private mutating func readBetween(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(Self.callOpener, or: Self.callsCloser) {
        case .first:
            step = .header
            return nil
        case .second: return .done
        case .more: return .more
        case .none: return .malformed
        }
    }

    private mutating func readHeader(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(upTo: Self.separator) {
        case .text(let text):
            header = text.trimmed
            step = .separated
            return nil
        case .more: return .more
        case .none: return .malformed
        }
    }

    private mutating func readName(_ input: inout MarkupInput) -> MarkupProgress? {
        guard let byte = input.next else { return .more }
        if byte == UInt8(ascii: "{") {
            name = header
            step = .arguments
        } else {
            switch input.take(upTo: Self.line) {
            case .text(let text): name = text.trimmed
            case .more: return .more
            case .none: return .malformed
            }
            step = .fence
        }
        return name.isFunctionName ? nil : .malformed
    }

    private mutating func readFence(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(Self.jsonFence) {
        case .part: return .more
        case .whole: break
        case .none where input.next == UInt8(ascii: "{"): break
        case .none: return .malformed
        }
        step = .arguments
        return nil
    }

    private mutating func readArguments(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        let progress = object.read(of: name, &input, &calls)
        guard case .done = progress else { return progress }
        object = ArgumentsObject()
        step = .after
        return nil
    }

    private mutating func readAfter(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(Self.fence) {
        case .part: return .more
        case .whole: input.skipSpace()
        case .none: break
        }
        switch input.take(Self.callCloser) {
        case .whole:
            input.settle()
            step = .between
            return nil
        case .part: return .more
        case .none: return .malformed
        }
    }
}

extension MarkupDialect {
    static let deepseek = MarkupDialect(
        openers: [
            Opener(mark: DeepSeekMarkup.callsOpener) { _ in DeepSeekMarkup(isInCall: false) },
            Opener(mark: DeepSeekMarkup.callOpener) { _ in DeepSeekMarkup(isInCall: true) },
            Opener(mark: "<｜DSML｜function_calls>") { DSMLMarkup(closer: "</｜DSML｜function_calls>", $0) },
            Opener(mark: "<｜DSML｜tool_calls>") { DSMLMarkup(closer: "</｜DSML｜tool_calls>", $0) },
        ],
        closers: [DeepSeekMarkup.callsCloser, DeepSeekMarkup.callCloser])
}
