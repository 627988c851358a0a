import CPatchbay

/// Reads an upstream's count of tokens, `{"input_tokens": 11}`, or under another key.
final class CountDecoder: Decoder {
    private(set) var finish: Int32?
    private(set) var usage: Usage?
    let isOver = false
    private let key: StaticString

    init(key: StaticString = "input_tokens") { self.key = key }

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        throw .nonsense("The upstream sent a stream where a count of tokens belongs.")
    }

    func mark(to output: Output) throws(Failure) {}

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let count = value[key]?.int, count >= 0 else {
            throw .nonsense("The upstream sent no count of tokens.")
        }
        usage = Usage(input: count)
        finish = Int32(PBAY_FINISH_STOP)
    }
}
