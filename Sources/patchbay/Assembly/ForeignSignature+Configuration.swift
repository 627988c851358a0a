import PatchbayConfig
import PatchbayPluginHost

extension Configuration {
    /// Throws a `StartFailure` for C functions that can't be named. Loads no library.
    func checkForeignNames() throws {
        let functions = hooks.compactMap(\.ffi) + tools.compactMap(\.ffi)
        let complaints = functions.flatMap { function in
            ForeignSignature(function).forbiddenNames.map { $0.diagnostic(in: function) }
        }
        guard complaints.isEmpty else { throw StartFailure(complaints) }
    }
}

/// The configuration's C functions in the plugin host's terms.
extension ForeignSignature {
    init(_ function: ForeignFunctionConfiguration) {
        self.init(
            library: function.library, symbol: function.symbol,
            parameters: function.arguments.map { ForeignParameter($0) }, result: ForeignResult(function.returns))
    }
}

extension ForeignParameter {
    fileprivate init(_ argument: ForeignArgumentConfiguration) {
        self.init(
            argument.name ?? "", ForeignType(argument.type), Role(argument), description: argument.description,
            encoding: ForeignEncoding(argument.encoding), limit: argument.max ?? Self.defaultLimit)
    }
}

extension ForeignParameter.Role {
    fileprivate init(_ argument: ForeignArgumentConfiguration) {
        if let value = argument.value {
            self = .constant(value)
        } else if let other = argument.lengthOf {
            self = argument.direction == .output ? .writtenLength(of: other) : .length(of: other)
        } else if let other = argument.compare {
            self = .order(of: other, isDescending: argument.isDescending)
        } else {
            switch argument.direction {
            case .input: self = .given
            case .both: self = .updated
            case .output:
                let room = argument.size ?? .init()
                self = .output(ForeignCapacity(room.plus, argument: room.of, times: room.times))
            }
        }
    }
}

extension ForeignResult {
    fileprivate init(_ result: ForeignReturnConfiguration) {
        let success: Success? =
            switch result.ok {
            case .values(let values): .values(values.map { Int64($0) })
            case .nonzero: .nonzero
            case .nonnegative: .nonnegative
            case nil: nil
            }
        self.init(
            result.type.map { ForeignType($0) }, name: result.name ?? "", success: success,
            errorText: result.errorText, error: result.error, lengthOf: result.lengthOf, release: result.release,
            encoding: ForeignEncoding(result.encoding), limit: result.max ?? ForeignParameter.defaultLimit)
    }
}

extension ForeignType {
    fileprivate init(_ type: ForeignTypeConfiguration) {
        switch type {
        case .number(let number): self = .scalar(ForeignScalar(number))
        case .string: self = .string
        case .bytes: self = .bytes
        case .pointer: self = .pointer
        case .callback: self = .callback
        case .numbers(let number): self = .array(.scalar(ForeignScalar(number)))
        case .strings: self = .array(.string)
        case .structure(let fields): self = .structure(ForeignStructure(fields))
        }
    }
}

extension ForeignStructure {
    fileprivate init(_ fields: [ForeignTypeConfiguration.Field]) {
        self.init(
            fields.compactMap { field in
                switch field.type {
                case .number(let number): (field.name, .scalar(ForeignScalar(number)))
                case .structure(let inner): (field.name, .structure(ForeignStructure(inner)))
                // The configuration has refused a struct of anything else.
                default: nil
                }
            })
    }
}

extension ForeignScalar {
    fileprivate init(_ number: ForeignNumber) {
        switch number {
        case .bool: self = .bool
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .uint8: self = .uint8
        case .uint16: self = .uint16
        case .uint32: self = .uint32
        case .uint64: self = .uint64
        case .short: self = .short
        case .ushort: self = .ushort
        case .int: self = .int
        case .uint: self = .uint
        case .long: self = .long
        case .ulong: self = .ulong
        case .size: self = .size
        case .float: self = .float
        case .double: self = .double
        }
    }
}

extension ForeignEncoding {
    fileprivate init(_ name: ForeignEncodingName) {
        switch name {
        case .text: self = .text
        case .hex: self = .hex
        case .base64: self = .base64
        }
    }
}

extension ForeignError {
    /// The complaint at the setting that it is about.
    func diagnostic(in function: ForeignFunctionConfiguration) -> ConfigurationDiagnostic {
        ConfigurationDiagnostic(mark: function.marks.mark(at: path), message: "\(function.path).\(path) \(message)")
    }
}
