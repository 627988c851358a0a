/// An answer that is nothing but calls in JSON, one object or an array of them. Only the functions of the request
/// count, and only objects that have nothing but what a call has: any other answer in JSON is text.
struct JSONMarkup: MarkupReader {
    private var list: CallList

    init(known: MarkupTools) {
        list = CallList(known: known)
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        list.read(&input, &calls)
    }
}

extension MarkupDialect {
    static let json = MarkupDialect(
        bareBeginnings: [UInt8(ascii: "{"), UInt8(ascii: "[")], makeBare: { JSONMarkup(known: $0) })
}
