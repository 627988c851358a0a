/// A type of C.
package indirect enum ForeignTypeConfiguration: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package var name = ""
        /// `.number` or `.structure`.
        package var type = ForeignTypeConfiguration.pointer
    }

    case number(ForeignNumber)
    case string, bytes, pointer, callback
    case structure([Field])
    case numbers(ForeignNumber)
    case strings
}

/// A number of C, or a truth value, as the file names it.
package enum ForeignNumber: String, Sendable, CaseIterable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case short, ushort, int, uint, long, ulong, size
    case float, double
}

extension ForeignNumber {
    var isInteger: Bool { self != .bool && self != .float && self != .double }

    /// What an integer's type can hold: on all machines that the host runs on, `long` has 64 bits.
    var range: ClosedRange<Int128> {
        switch self {
        case .int8: Int128(Int8.min)...Int128(Int8.max)
        case .int16, .short: Int128(Int16.min)...Int128(Int16.max)
        case .int32, .int: Int128(Int32.min)...Int128(Int32.max)
        case .int64, .long: Int128(Int64.min)...Int128(Int64.max)
        case .bool: 0...1
        case .uint8: 0...Int128(UInt8.max)
        case .uint16, .ushort: 0...Int128(UInt16.max)
        case .uint32, .uint: 0...Int128(UInt32.max)
        case .uint64, .ulong, .size: 0...Int128(UInt64.max)
        case .float, .double: 0...0
        }
    }
}

extension ForeignTypeConfiguration {
    var isInteger: Bool {
        if case .number(let number) = self { number.isInteger } else { false }
    }

    /// A pointer to something that has a length.
    var hasLength: Bool {
        switch self {
        case .string, .bytes, .numbers, .strings: true
        case .number, .pointer, .callback, .structure: false
        }
    }

    /// The type in a diagnostic.
    var words: String {
        switch self {
        case .number(let number): number.rawValue
        case .string: "string"
        case .bytes: "bytes"
        case .pointer: "pointer"
        case .callback: "callback"
        case .structure: "a struct"
        case .numbers, .strings: "an array"
        }
    }
}
