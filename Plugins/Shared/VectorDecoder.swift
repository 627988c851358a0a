import CPatchbay

/// Reads an upstream's vectors, each an array of numbers or base64 of their bytes, whichever comes.
final class VectorDecoder: Decoder {
    /// What the upstream calls things. A vector without a number is the next one's.
    struct Names {
        /// The list of vectors, and in it a vector's numbers.
        var list: StaticString = "data"
        var vector: StaticString = "embedding"
        /// The tokens of the input.
        var usage: StaticString = "usage"
        var tokens: StaticString = "prompt_tokens"
    }

    private(set) var finish: Int32?
    private(set) var usage: Usage?
    let isOver = false
    private let names: Names
    /// How many numbers were asked for; nil: as many as the model makes.
    private let dimensions: Int?
    /// Which of the inputs have theirs.
    private var isThere: [Bool]
    private var length: Int?

    /// For a request of the hub's: as many vectors as it has inputs.
    init(for request: JSONValue, _ names: Names = Names()) {
        self.names = names
        dimensions = request["dimensions"]?.int
        isThere = Array(repeating: false, count: request["input"]?.count ?? 0)
    }

    func event(_ value: JSONValue, to output: Output) throws(Failure) {
        throw .nonsense("The upstream sent a stream where vectors belong.")
    }

    func mark(to output: Output) throws(Failure) {}

    func whole(_ value: JSONValue, to output: Output) throws(Failure) {
        guard let list = value[names.list]?.array else { throw .nonsense("The upstream sent no vectors.") }
        guard list.count == isThere.count else {
            throw .nonsense("The upstream sent \(list.count) vectors for \(isThere.count) inputs.")
        }
        output.upstream(model: value["model"]?.string ?? "")
        var bytes: [UInt8] = []
        for (place, entry) in list.enumerated() {
            let index = entry["index"]?.int ?? place
            guard isThere.indices.contains(index), !isThere[index] else {
                throw .nonsense("The upstream's vectors don't have the numbers of the inputs.")
            }
            isThere[index] = true
            bytes.removeAll(keepingCapacity: true)
            try read(entry[names.vector], to: &bytes)
            output.vector(bytes[...], of: UInt32(index))
        }
        usage = Usage(input: Usage.count(value[names.usage]?[names.tokens]))
        finish = Int32(PBAY_FINISH_STOP)
    }

    /// The numbers as little-endian binary32, which the machine's order is as well.
    private func read(_ value: JSONValue?, to bytes: inout [UInt8]) throws(Failure) {
        guard let value, value.kind == .array || value.kind == .string else {
            throw .nonsense("The upstream's vector is \(value?.kind.description ?? "missing").")
        }
        if let numbers = value.array {
            bytes.reserveCapacity(numbers.count * 4)
            for number in numbers {
                guard let number = number.double else { throw .nonsense("The upstream's vector holds \(number.kind).") }
                let bits = Float(number).bitPattern
                for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
            }
        } else if !Base64.decode(value.text ?? [], to: &bytes) || bytes.count % 4 != 0 {
            throw .nonsense("The upstream's vector is text that is no base64 of numbers.")
        }
        try check(bytes)
    }

    private func check(_ bytes: [UInt8]) throws(Failure) {
        let count = bytes.count / 4
        guard (1...Int(PBAY_MAX_DIMENSIONS)).contains(count) else {
            throw .nonsense("The upstream's vector has \(count) numbers.")
        }
        guard length ?? count == count else { throw .nonsense("The upstream's vectors are not all of one length.") }
        length = count
        let span = bytes.span
        for end in stride(from: 3, to: span.count, by: 4) where span[end] & 0x7F == 0x7F && span[end - 1] & 0x80 != 0 {
            throw .nonsense("The upstream's vector holds numbers that are not finite.")
        }
        guard let dimensions, dimensions != count else { return }
        throw .unsupported("dimensions", "This model makes vectors of \(count) numbers, not of \(dimensions).")
    }
}
