import PatchbayModel

/// Turns the tool calls that a model writes into its text into calls, as the text comes. Stands between a provider's
/// events and the answer.
///
/// What it makes doesn't depend on where the text was cut. Markup never comes out as text, but for what can't be read:
/// that comes out as it was, whole. A call's arguments are passed on as they come. White space beside a call goes with
/// it.
package final class MarkupExtractor {
    enum Mode {
        /// Nothing but white space has come, and the dialect has calls without a mark.
        case start
        case text
        case inside
    }

    let dialect: MarkupDialect
    let tools: MarkupTools
    let lead: UInt8?
    var mode: Mode
    var input = MarkupInput()
    /// White space at the end of plain text, which goes if a call follows. Then `input` is empty.
    var blank = ""
    var calls = MarkupCalls()
    var reader: (any MarkupReader)?
    /// White space comes after a call, and is no text.
    var isAfterCall = false
    /// A call has ended without its closing mark, which is swallowed where it comes.
    var expectsCloser = false
    /// Calls before the markup that is being read.
    var countBefore = 0
    /// The numbers of the calls that ended in the middle of their arguments.
    private(set) var cutCalls: [Int] = []

    /// Nil where there is nothing to look for: no markup, or no function to call.
    package init?(_ markup: ToolMarkup, tools: [UInt8]?) {
        guard let dialect = MarkupDialect(markup), let tools else { return nil }
        let known = MarkupTools(tools)
        guard !known.isEmpty else { return nil }
        self.dialect = dialect
        self.tools = known
        lead = dialect.lead
        mode = dialect.makeBare == nil ? .text : .start
    }

    /// Takes a provider's event, and gives `take` what becomes of it.
    package func receive(_ event: ProviderEvent, _ take: (ProviderEvent) throws(GatewayError) -> Void)
        throws(GatewayError)
    {
        switch event {
        case .text(let text):
            if hasNoMark(text) {
                if let plain = passOn(plain: text) { try take(.text(plain)) }
                return
            }
            resumeReading()
            input.append(text)
            advance()
            pauseReading()
            try drain(take)
        case .arguments, .toolCallEnd:
            // The provider's own calls may be interleaved with text.
            try take(event)
        case .logprobs:
            // Those of markup belong to no text.
            if !mode.isInside { try take(event) }
        case .reasoning, .reasoningSummary, .reasoningOpaque, .refusal, .toolCall, .item, .annotation, .partEnd,
            .itemEnd:
            interrupt()
            try drain(take)
            try take(event)
        }
    }

    /// The answer has ended. `isWhole`: by the model's own will, not at a limit.
    package func finish(isWhole: Bool, _ take: (ProviderEvent) throws(GatewayError) -> Void)
        throws(GatewayError)
    {
        resumeReading()
        reader?.close(&calls, isCut: !isWhole)
        input.position = input.bytes.count
        let rest = input.giveBack()
        if !isLeftover(rest) { calls.text(rest) }
        if calls.isOpen, isWhole { cut() }
        input.compact()
        reader = nil
        mode = .text
        try drain(take)
    }

    /// Whether what is left at the end is a part of the markup of a call that has been made, and no text.
    private func isLeftover(_ rest: String) -> Bool {
        let words = rest.trimmed
        if words.isEmpty { return isAfterCall || (mode.isInside && calls.count > countBefore) }
        guard mode.isInside, calls.count > countBefore else { return false }
        return dialect.closers.contains { $0.bytes.starts(with: words.utf8) }
    }

    /// Something else than text comes: what is held back is text, unless it is a call already.
    private func interrupt() {
        guard !calls.isOpen else { return }
        resumeReading()
        let isBlank = input.bytes.allSatisfy(\.isMarkupSpace)
        guard !isBlank else { return }
        input.position = input.bytes.count
        calls.text(input.giveBack())
        input.compact()
        reader = nil
        mode = .text
        isAfterCall = false
    }

    /// The open call stays as it is.
    func cut() {
        cutCalls.append(calls.index)
        calls.cut()
    }

    private func drain(_ take: (ProviderEvent) throws(GatewayError) -> Void) throws(GatewayError) {
        for event in calls.takeEvents() { try take(event) }
    }
}

extension MarkupExtractor.Mode {
    var isInside: Bool {
        if case .inside = self { true } else { false }
    }
}
