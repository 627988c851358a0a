import PatchbayJSON

/// One call whose arguments have passed their checks. It keeps all that the function is given alive, also where nobody
/// waits for its end any more.
package final class ForeignCall: Sendable {
    private let function: ForeignFunction
    private let inputs: [ForeignInput]
    /// By place: an argument's length, or the room that there is for what the function writes.
    private let counts: [Int]

    init(_ function: ForeignFunction, _ inputs: [ForeignInput], _ counts: [Int]) {
        self.function = function
        self.inputs = inputs
        self.counts = counts
    }

    /// Calls the function. [may-block]
    package func run() throws(ForeignFailure) -> ForeignOutput {
        let memory = ForeignMemory(function, inputs, counts)
        memory.call()
        // What was returned is freed when it has been copied, and also where it can't be.
        defer { if let release = function.release, memory.resultBits != 0 { release.call(memory.resultBits) } }
        let result = function.signature.result
        if let success = result.success, let type = result.type {
            let status = memory.resultBits
            guard success.contains(status, of: type) else { throw failure(status, of: type) }
        }
        var told: [ForeignOutput.Value] = []
        if result.isTold, let type = result.type {
            told.append(.init(name: result.name, content: try content(ofResult: type, memory)))
        }
        for (index, parameter) in function.signature.parameters.enumerated() where parameter.isTold {
            let content = try content(of: parameter, at: index, memory)
            told.append(.init(name: parameter.name, content: content))
        }
        return ForeignOutput(values: told)
    }

    private func failure(_ status: UInt64, of type: ForeignType) -> ForeignFailure {
        if let words = function.signature.result.error { return ForeignFailure(words, isStatus: true) }
        let symbol = function.signature.symbol
        let words = function.errorText.flatMap { ForeignMemory.string(at: $0.call(status), limit: 400) } ?? ""
        guard let scalar = type.integer else {
            return ForeignFailure("\(symbol) failed" + (words.isEmpty ? "." : ": \(words)"), isStatus: true)
        }
        let number = scalar.form == .signed ? "\(scalar.signed(status))" : "\(scalar.unsigned(status))"
        return ForeignFailure(
            "\(symbol) failed with the status \(number)" + (words.isEmpty ? "." : ": \(words)"), isStatus: true)
    }

    // MARK: what the model is told

    private func content(
        ofResult type: ForeignType, _ memory: ForeignMemory
    ) throws(ForeignFailure) -> ForeignOutput.Content {
        let result = function.signature.result
        switch type {
        case .scalar(let scalar):
            return .json(.scalar(scalar, memory.resultBits))
        case .structure(let structure):
            return .json(.structure(structure, memory.resultBytes(count: structure.size)))
        case .string:
            return ForeignMemory.string(at: memory.resultBits, limit: result.limit).map { .text($0) } ?? .json(.null)
        case .bytes:
            guard memory.resultBits != 0, let place = function.plan.resultLength else { return .json(.null) }
            let count = try writtenLength(at: place, upTo: result.limit, memory)
            return .text(result.encoding.encode(ForeignMemory.bytes(at: memory.resultBits, count: count)))
        case .pointer, .array, .callback:
            return .json(.null)
        }
    }

    private func content(
        of parameter: ForeignParameter, at index: Int, _ memory: ForeignMemory
    ) throws(ForeignFailure) -> ForeignOutput.Content {
        switch parameter.type {
        case .scalar(let scalar):
            return .json(.scalar(scalar, memory.bits(at: index, width: scalar.width)))
        case .structure(let structure):
            return .json(.structure(structure, memory.bytes(at: index, count: structure.size)))
        case .string:
            // Without a zero it is the whole room.
            let bytes = memory.bytes(at: index, count: try count(at: index, memory))
            return .text(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        case .bytes:
            let bytes = memory.bytes(at: index, count: try count(at: index, memory))
            return .text(parameter.encoding.encode(bytes))
        case .array(.scalar(let scalar)):
            let count = try count(at: index, memory)
            return .json(.scalars(scalar, memory.bytes(at: index, count: count * scalar.width)))
        case .array(.string):
            return .json(
                .strings(memory.strings(at: index, count: try count(at: index, memory), limit: parameter.limit)))
        case .pointer, .callback:
            return .json(.null)
        }
    }

    /// How much of an output the function says that it wrote; all of it where it says nothing.
    private func count(at index: Int, _ memory: ForeignMemory) throws(ForeignFailure) -> Int {
        if let place = function.plan.writtenLength[index] {
            return try writtenLength(at: place, upTo: counts[index], memory)
        }
        guard function.plan.returnedLengthOf == index, let scalar = function.signature.result.type?.integer else {
            return counts[index]
        }
        return try checked(memory.resultBits, scalar, upTo: counts[index])
    }

    private func writtenLength(
        at place: Int, upTo room: Int, _ memory: ForeignMemory
    ) throws(ForeignFailure) -> Int {
        guard let scalar = function.signature.parameters[place].lengthType else { return 0 }
        return try checked(memory.bits(at: place, width: scalar.width), scalar, upTo: room)
    }

    private func checked(_ bits: UInt64, _ scalar: ForeignScalar, upTo room: Int) throws(ForeignFailure) -> Int {
        let symbol = function.signature.symbol
        if scalar.form == .signed, scalar.signed(bits) < 0 {
            throw ForeignFailure("\(symbol) failed: it answered \(scalar.signed(bits)) for the length of its output.")
        }
        guard let length = Int(exactly: scalar.unsigned(bits)), length <= room else {
            throw ForeignFailure(
                "\(symbol) has \(scalar.unsigned(bits)) of output, and there is room for \(room).")
        }
        return length
    }
}

/// A call that was made and failed, in words for the model.
package struct ForeignFailure: Error, Sendable, Equatable {
    package var message: String
    /// The function's status says it, of what it was given.
    var isStatus = false

    init(_ message: String, isStatus: Bool = false) {
        self.message = message
        self.isStatus = isStatus
    }
}

extension ForeignResult.Success {
    func contains(_ bits: UInt64, of type: ForeignType) -> Bool {
        let scalar = type.integer ?? .ulong
        return switch self {
        case .nonzero: scalar.unsigned(bits) != 0
        case .nonnegative: scalar.form == .unsigned || scalar.signed(bits) >= 0
        case .values(let values):
            values.contains {
                scalar.form == .signed ? $0 == scalar.signed(bits) : $0 >= 0 && UInt64($0) == scalar.unsigned(bits)
            }
        }
    }
}
