/// `<tool_call><function=name><parameter=x>value</parameter></function></tool_call>`, each tag and each value on a line
/// of its own; Qwen 3 Coder at times leaves out the outer tag. A value that is no string is JSON.
struct QwenXMLMarkup: MarkupReader {
    private enum Step { case between, name, parameters, parameterName, value, after }

    static let functionOpener: MarkupMark = "<function="
    static let functionCloser: MarkupMark = "</function>"
    private static let parameterOpener: MarkupMark = "<parameter="
    private static let parameterCloser: MarkupMark = "</parameter>"
    private static let tagEnd: MarkupMark = ">"
    private static let closer = HermesMarkup.closer

    private let tools: MarkupTools
    private let isBare: Bool
    private var step: Step
    private var name = ""
    private var list: ParameterList?

    /// `isBare`: there is no outer tag; the function's has been read.
    init(isBare: Bool, _ tools: MarkupTools) {
        self.isBare = isBare
        self.tools = tools
        step = isBare ? .name : .between
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            if step != .value, step != .after { input.skipSpace() }
            let progress =
                switch step {
                case .between: readFunction(&input)
                case .name: readName(&input)
                case .parameters: readParameter(&input, &calls)
                case .parameterName: readParameterName(&input, &calls)
                case .value: readValue(&input, &calls)
                case .after: readAfter(&input)
                }
            if let progress { return progress }
        }
    }

    mutating func close(_ calls: inout MarkupCalls, isCut: Bool) {
        list?.close(&calls, isCut: isCut)
    }

    private mutating func readFunction(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(Self.functionOpener) {
        case .whole: step = .name
        case .part: return .more
        case .none: return .malformed
        }
        return nil
    }

    private mutating func readName(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(upTo: Self.tagEnd) {
        case .text(let text): name = text.trimmed
        case .more: return .more
        case .none: return .malformed
        }
        step = .parameters
        return name.isFunctionName ? nil : .malformed
    }

    /// The call is certain once its name is followed by a parameter or by the function's closing mark.
    private mutating func readParameter(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        let choice = input.take(Self.parameterOpener, or: Self.functionCloser)
        switch choice {
        case .first, .second: break
        case .more: return .more
        case .none: return .malformed
        }
        if list == nil {
            calls.begin(name)
            list = ParameterList(of: name, tools)
            input.settle()
        }
        if choice == .first {
            step = .parameterName
        } else {
            list?.end(&calls)
            list = nil
            input.settle()
            step = .after
        }
        return nil
    }

    private mutating func readParameterName(_ input: inout MarkupInput, _ calls: inout MarkupCalls)
        -> MarkupProgress?
    {
        switch input.take(upTo: Self.tagEnd) {
        case .text(let text): list?.begin(text.trimmed, upTo: Self.parameterCloser, trimsLines: true, &calls)
        case .more: return .more
        case .none: return .malformed
        }
        input.settle()
        step = .value
        return nil
    }

    private mutating func readValue(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        guard list?.readValue(&input, &calls) == true else { return .more }
        step = .parameters
        return nil
    }

    /// What follows a function: the outer tag's end, or another function.
    private mutating func readAfter(_ input: inout MarkupInput) -> MarkupProgress? {
        if isBare { return .done }
        input.skipSpace()
        switch input.take(Self.functionOpener, or: Self.closer) {
        case .first:
            step = .name
            return nil
        case .second: return .done
        case .more: return .more
        case .none: return .malformed
        }
    }
}

extension MarkupDialect {
    static let qwenXML = MarkupDialect(
        openers: [
            Opener(mark: HermesMarkup.opener) { QwenXMLMarkup(isBare: false, $0) },
            Opener(mark: QwenXMLMarkup.functionOpener) { QwenXMLMarkup(isBare: true, $0) },
        ],
        closers: [HermesMarkup.closer], closesLate: true)
}
