/// `<|python_tag|>{"name": …, "parameters": {…}}`; several calls with `;` between them. Llama 3.1 and later also write
/// the object alone, as the whole answer: then it counts only if it names a function of the request.
struct LlamaMarkup: MarkupReader {
    private var list: CallList

    init(known: MarkupTools?) {
        list = CallList(known: known, takesArray: false)
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        list.read(&input, &calls)
    }
}

extension MarkupDialect {
    static let llama = MarkupDialect(
        openers: [Opener(mark: "<|python_tag|>") { _ in LlamaMarkup(known: nil) }],
        closers: ["<|eom_id|>", "<|eot_id|>"], closesLate: true, bareBeginnings: [UInt8(ascii: "{")],
        makeBare: { LlamaMarkup(known: $0) })
}
