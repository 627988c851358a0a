/// Reads the arguments of a call whose name stands before them: one JSON object, passed on as it comes.
struct ArgumentsObject {
    private var scanner = JSONScanner()
    private var hasBegun = false

    mutating func read(of name: String, _ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        if !hasBegun {
            input.skipSpace()
            guard let byte = input.next else { return .more }
            guard byte == UInt8(ascii: "{") else { return .malformed }
            hasBegun = true
            calls.begin(name)
        }
        let end = scanner.end(in: input.bytes, from: input.position)
        let piece = input.position..<(end ?? input.bytes.count)
        calls.append(input.bytes[piece])
        input.position = piece.upperBound
        input.settle()
        guard end != nil else { return .more }
        calls.end()
        return .done
    }
}
