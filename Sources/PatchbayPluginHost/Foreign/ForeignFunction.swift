import PatchbayJSON

/// A function of a C library, ready to be called from any thread.
@safe package final class ForeignFunction: @unchecked Sendable {
    /// How many calls of a function may run at a time, where the configuration says nothing.
    package static let defaultThreads = 8

    let signature: ForeignSignature
    let plan: ForeignPlan
    let interface: ForeignInterface
    let address: UnsafeMutableRawPointer
    /// Gives a status its words.
    let errorText: ForeignHelper?
    /// Frees what was returned.
    let release: ForeignHelper?
    /// By the argument's place.
    let comparators: [Int: ForeignComparator]
    private let constants: [Int: ForeignInput]
    private let library: ForeignLibrary

    /// [init] Loads the library, and runs its constructors.
    package init(_ signature: ForeignSignature) throws(ForeignError) {
        self.signature = signature
        plan = try ForeignPlan(signature)
        constants = try Self.constants(of: signature)
        library = try ForeignLibrary(signature.library)
        unsafe address = try library.function(signature.symbol)
        interface = try ForeignInterface(signature.parameters.map(\.passedType), result: signature.result.type)
        var comparators: [Int: ForeignComparator] = [:]
        for (index, parameter) in signature.parameters.enumerated() {
            guard case .order(_, let isDescending) = parameter.role, let target = plan.target[index],
                case .array(let element) = signature.parameters[target].type
            else { continue }
            comparators[index] = try ForeignComparator(of: element, isDescending: isDescending)
        }
        self.comparators = comparators
        if let symbol = signature.result.errorText {
            errorText = unsafe try ForeignHelper(
                library.function(symbol, path: "returns.error_text"), argument: signature.result.type ?? .pointer,
                result: .string)
        } else {
            errorText = nil
        }
        if let symbol = signature.result.release {
            release = unsafe try ForeignHelper(
                library.function(symbol, path: "returns.free", allowing: "free"), argument: .pointer, result: nil)
        } else {
            release = nil
        }
    }

    private static func constants(of signature: ForeignSignature) throws(ForeignError) -> [Int: ForeignInput] {
        var constants: [Int: ForeignInput] = [:]
        for (index, parameter) in signature.parameters.enumerated() {
            guard case .constant(let json) = parameter.role else { continue }
            guard let value = try? JSONDocument.parse(json).root else {
                throw ForeignError("args[\(index)].value", "is no JSON")
            }
            do throws(ForeignRefusal) {
                constants[index] = try parameter.input(value)
            } catch {
                throw ForeignError("args[\(index)].value", "doesn't fit its type")
            }
        }
        return constants
    }
}

extension ForeignFunction {
    /// A call with these arguments, a JSON object.
    package func call(_ arguments: [UInt8]) throws(ForeignRefusal) -> ForeignCall {
        guard let root = try? JSONDocument.parse(arguments).root else {
            throw ForeignRefusal("", "can't be read as JSON")
        }
        guard root.kind == .object else { throw ForeignRefusal("", "must be one JSON object") }
        var used = 0
        let call = try call { (parameter) throws(ForeignRefusal) in
            guard let value = root[key: parameter.name] else { throw ForeignRefusal(parameter.name, "is missing") }
            used += 1
            return try parameter.input(value)
        }
        if root.count > used {
            let known = Set(signature.parameters.filter(\.isGiven).map(\.name))
            let stranger = root.members.first { !known.contains($0.key) }?.key ?? ""
            throw ForeignRefusal(stranger.prefix(bytes: 60), "isn't one of this function's")
        }
        return call
    }

    /// A call with a text for each argument that is to be given.
    func call(text: String) throws(ForeignRefusal) -> ForeignCall {
        try call { (parameter) throws(ForeignRefusal) in try parameter.input(text: text) }
    }

    private func call(
        _ given: (ForeignParameter) throws(ForeignRefusal) -> ForeignInput
    ) throws(ForeignRefusal) -> ForeignCall {
        var inputs: [ForeignInput] = []
        inputs.reserveCapacity(signature.parameters.count)
        for (index, parameter) in signature.parameters.enumerated() {
            inputs.append(parameter.isGiven ? try given(parameter) : constants[index] ?? .null)
        }
        let counts = try plan.counts(of: inputs, signature)
        for (index, parameter) in signature.parameters.enumerated() {
            guard let scalar = parameter.lengthType, let target = plan.target[index] else { continue }
            guard let bits = scalar.bits(ofLength: counts[target]) else {
                throw ForeignRefusal(signature.parameters[target].name, "is too long for the function")
            }
            inputs[index] = .bits(bits)
        }
        return ForeignCall(self, inputs, counts)
    }
}

extension ForeignParameter {
    /// The type that libffi passes: of what the function writes, a pointer to it.
    var passedType: ForeignType {
        switch role {
        case .writtenLength, .output, .updated: .pointer
        default: type
        }
    }

    /// The type of a length; nil where it is none.
    var lengthType: ForeignScalar? {
        switch (role, type) {
        case (.length, .scalar(let scalar)), (.writtenLength, .scalar(let scalar)): scalar
        default: nil
        }
    }
}
