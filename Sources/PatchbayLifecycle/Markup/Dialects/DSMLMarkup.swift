/// DeepSeek's markup from V3.2 on: `<｜DSML｜invoke name="…">` with a `<｜DSML｜parameter name="…" string="true">` for each
/// argument, all of them in one `<｜DSML｜function_calls>` (V4: `tool_calls`).
struct DSMLMarkup: MarkupReader {
    private enum Step { case between, parameters, value }

    private static let invoke: MarkupMark = "<｜DSML｜invoke name=\""
    private static let invokeCloser: MarkupMark = "</｜DSML｜invoke>"
    private static let parameter: MarkupMark = "<｜DSML｜parameter name=\""
    private static let parameterCloser: MarkupMark = "</｜DSML｜parameter>"
    private static let tagEnd: MarkupMark = "\">"

    private let closer: MarkupMark
    private let tools: MarkupTools
    private var step = Step.between
    private var list: ParameterList?

    init(closer: MarkupMark, _ tools: MarkupTools) {
        self.closer = closer
        self.tools = tools
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            let progress =
                switch step {
                case .between: readBetween(&input, &calls)
                case .parameters: readParameter(&input, &calls)
                case .value: readValue(&input, &calls)
                }
            if let progress { return progress }
        }
    }

    mutating func close(_ calls: inout MarkupCalls, isCut: Bool) {
        list?.close(&calls, isCut: isCut)
    }

    private mutating func readBetween(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        input.skipSpace()
        let start = input.position
        switch input.take(Self.invoke, or: closer) {
        case .first: break
        case .second: return .done
        case .more: return .more
        case .none: return .malformed
        }
        switch input.take(upTo: Self.tagEnd) {
        case .text(let name) where name.isFunctionName:
            calls.begin(name)
            input.settle()
            list = ParameterList(of: name, tools)
            step = .parameters
            return nil
        case .text, .none: return .malformed
        case .more:
            input.position = start
            return .more
        }
    }

    private mutating func readParameter(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        input.skipSpace()
        let start = input.position
        switch input.take(Self.parameter, or: Self.invokeCloser) {
        case .first: break
        case .second:
            list?.end(&calls)
            list = nil
            input.settle()
            step = .between
            return nil
        case .more: return .more
        case .none: return .malformed
        }
        switch input.take(upTo: Self.tagEnd) {
        case .text(let text):
            // `city" string="true`, the last quote read already.
            let parts = text.split(separator: "\" string=\"", omittingEmptySubsequences: false)
            list?.begin(
                String(parts[0]), upTo: Self.parameterCloser, isString: parts.count > 1 ? parts[1] == "true" : nil,
                &calls)
            input.settle()
            step = .value
            return nil
        case .more:
            input.position = start
            return .more
        case .none: return .malformed
        }
    }

    private mutating func readValue(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        guard list?.readValue(&input, &calls) == true else { return .more }
        step = .parameters
        return nil
    }
}
