/// `<tool_call>name`, then `<arg_key>…</arg_key><arg_value>…</arg_value>` for each argument, `</tool_call>`; with line
/// ends between them in GLM 4.5 and 4.6, without in later ones. A value that is no string is JSON.
struct GLMMarkup: MarkupReader {
    private enum Step { case name, parameters, key, valueOpener, value }

    private static let keyOpener: MarkupMark = "<arg_key>"
    private static let keyCloser: MarkupMark = "</arg_key>"
    private static let valueOpener: MarkupMark = "<arg_value>"
    private static let valueCloser: MarkupMark = "</arg_value>"
    private static let closer = HermesMarkup.closer

    private let tools: MarkupTools
    private var step = Step.name
    private var name = ""
    private var key = ""
    private var list: ParameterList?

    init(_ tools: MarkupTools) {
        self.tools = tools
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            if step != .value, step != .key { input.skipSpace() }
            let progress =
                switch step {
                case .name: readName(&input)
                case .parameters: readParameter(&input, &calls)
                case .key: readKey(&input)
                case .valueOpener: readValueOpener(&input, &calls)
                case .value: readValue(&input, &calls)
                }
            if let progress { return progress }
        }
    }

    mutating func close(_ calls: inout MarkupCalls, isCut: Bool) {
        list?.close(&calls, isCut: isCut)
    }

    private mutating func readName(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.takeName() {
        case .text(let text): name = text
        case .more: return .more
        case .none: return .malformed
        }
        step = .parameters
        return nil
    }

    /// The call is certain once its name is followed by a parameter or by the closing mark.
    private mutating func readParameter(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        let choice = input.take(Self.keyOpener, or: Self.closer)
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
        guard choice == .first else {
            list?.end(&calls)
            list = nil
            return .done
        }
        step = .key
        return nil
    }

    private mutating func readKey(_ input: inout MarkupInput) -> MarkupProgress? {
        switch input.take(upTo: Self.keyCloser) {
        case .text(let text): key = text.trimmed
        case .more: return .more
        case .none: return .malformed
        }
        step = .valueOpener
        return nil
    }

    private mutating func readValueOpener(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        switch input.take(Self.valueOpener) {
        case .whole: break
        case .part: return .more
        case .none: return .malformed
        }
        list?.begin(key, upTo: Self.valueCloser, &calls)
        input.settle()
        step = .value
        return nil
    }

    private mutating func readValue(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        guard list?.readValue(&input, &calls) == true else { return .more }
        step = .parameters
        return nil
    }
}

extension MarkupDialect {
    static let glm = MarkupDialect(
        openers: [Opener(mark: HermesMarkup.opener) { GLMMarkup($0) }], closers: [HermesMarkup.closer])
}
