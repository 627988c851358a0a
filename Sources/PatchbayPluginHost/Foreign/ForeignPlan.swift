/// What of a signature refers to what, by places in the list of arguments.
struct ForeignPlan: Sendable {
    /// By the place of a length or a callback: that of the argument that it is about. None where it is the result.
    private(set) var target: [Int: Int] = [:]
    /// By the place of an output: that of the argument that its room depends on.
    private(set) var source: [Int: Int] = [:]
    /// The place of the length that the function writes, by that of the argument that it is about.
    private(set) var writtenLength: [Int: Int] = [:]
    /// The place of the length of what is returned.
    private(set) var resultLength: Int?
    /// The place of the argument whose length is returned.
    private(set) var returnedLengthOf: Int?

    /// Throws for what can't be called safely. The words are short: the configuration has been checked before, with
    /// better ones.
    init(_ signature: ForeignSignature) throws(ForeignError) {
        for index in signature.parameters.indices { try add(index, signature) }
        let result = signature.result
        if let name = result.lengthOf {
            guard case .scalar(let scalar)? = result.type, scalar.isInteger,
                let place = Self.place(name, signature), signature.parameters[place].isTold,
                signature.parameters[place].type.isPointed
            else { throw ForeignError("returns.length_of", "needs an integer, and an output with a length") }
            returnedLengthOf = place
        }
        switch result.type {
        case nil, .scalar, .string, .pointer, .structure: break
        case .bytes:
            guard resultLength != nil else {
                throw ForeignError("returns.type", "needs an argument that is its length")
            }
        case .array, .callback: throw ForeignError("returns.type", "can't be returned")
        }
        if result.success != nil {
            guard result.type == .pointer || result.type?.integer != nil else {
                throw ForeignError("returns.ok", "needs an integer or a pointer")
            }
        }
    }

    private mutating func add(_ index: Int, _ signature: ForeignSignature) throws(ForeignError) {
        let parameter = signature.parameters[index]
        let path = "args[\(index)]"
        let type = parameter.type
        switch parameter.role {
        case .given, .constant:
            let isConstant = parameter.role != .given
            switch type {
            case .scalar, .string, .bytes, .array, .structure: break
            case .pointer where isConstant: break
            case .pointer, .callback: throw ForeignError("\(path).type", "can't be given")
            }
        case .length(let name):
            guard type.integer != nil, let place = Self.place(name, signature),
                signature.parameters[place].type.isPointed
            else { throw ForeignError("\(path).length_of", "needs an integer, and an argument with a length") }
            target[index] = place
        case .writtenLength(let name):
            guard type.integer != nil else { throw ForeignError("\(path).type", "must be an integer") }
            if let place = Self.place(name, signature), signature.parameters[place].isTold,
                signature.parameters[place].type.isPointed
            {
                target[index] = place
                writtenLength[place] = index
            } else if name == signature.result.name, signature.result.type == .bytes {
                resultLength = index
            } else {
                throw ForeignError("\(path).length_of", "needs an output with a length")
            }
        case .output(let capacity):
            switch type {
            case .scalar, .structure: break
            case .string, .bytes, .array(.scalar):
                guard (0...ForeignParameter.greatestLimit).contains(capacity.plus) else {
                    throw ForeignError("\(path).size", "is too large")
                }
            default: throw ForeignError("\(path).type", "can't be an output")
            }
            if let name = capacity.argument {
                guard let place = Self.place(name, signature), place != index, !signature.parameters[place].isOutput,
                    signature.parameters[place].type.isPointed || signature.parameters[place].type.integer != nil
                else { throw ForeignError("\(path).size", "needs an argument with a value or a length") }
                source[index] = place
            }
        case .updated:
            switch type {
            case .scalar, .bytes, .array: break
            default: throw ForeignError("\(path).type", "can't be changed in its place")
            }
        case .order(let name, _):
            guard type == .callback, let place = Self.place(name, signature),
                case .array = signature.parameters[place].type
            else { throw ForeignError("\(path).compare", "needs a callback, and an array") }
            target[index] = place
        }
    }

    private static func place(_ name: String, _ signature: ForeignSignature) -> Int? {
        name.isEmpty ? nil : signature.parameters.firstIndex { $0.name == name }
    }
}

extension ForeignPlan {
    /// How long each argument is: its own length, or the room that there is for what the function writes.
    func counts(of inputs: [ForeignInput], _ signature: ForeignSignature) throws(ForeignRefusal) -> [Int] {
        var counts = inputs.indices.map { signature.parameters[$0].count(of: inputs[$0]) }
        for (index, parameter) in signature.parameters.enumerated() {
            guard case .output(let capacity) = parameter.role, parameter.type.isPointed else { continue }
            var room = capacity.plus
            if let place = source[index] {
                let other = signature.parameters[place]
                let measure = Self.measure(inputs[place], other) ?? counts[place]
                let (product, isTooLarge) = measure.multipliedReportingOverflow(by: capacity.times)
                let (sum, isTooLargeToo) = product.addingReportingOverflow(capacity.plus)
                guard measure >= 0, !isTooLarge, !isTooLargeToo, sum >= 0, sum <= parameter.limit else {
                    throw ForeignRefusal(
                        other.name, "asks for an output that can't be had: it may have \(parameter.limit) at most")
                }
                room = sum
            }
            counts[index] = room
        }
        return counts
    }

    /// An integer's value; nil for what is none, and -1 for one that is no length.
    private static func measure(_ input: ForeignInput, _ parameter: ForeignParameter) -> Int? {
        guard case .bits(let bits) = input, let scalar = parameter.type.integer else { return nil }
        return scalar.form == .signed ? Int(scalar.signed(bits)) : Int(exactly: scalar.unsigned(bits)) ?? -1
    }
}

extension ForeignType {
    /// A pointer to something that has a length.
    var isPointed: Bool {
        switch self {
        case .string, .bytes, .array: true
        case .scalar, .pointer, .structure, .callback: false
        }
    }

    var integer: ForeignScalar? {
        if case .scalar(let scalar) = self, scalar.isInteger { scalar } else { nil }
    }
}

extension ForeignParameter {
    /// Written by the function alone.
    var isOutput: Bool {
        if case .output = role { true } else { false }
    }
}
