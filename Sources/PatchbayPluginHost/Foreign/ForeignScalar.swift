import PatchbayJSON

/// A number of C, or a truth value, by its name in the configuration.
package enum ForeignScalar: String, Sendable, Hashable, CaseIterable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case short, ushort, int, uint, long, ulong, size
    case float, double
}

extension ForeignScalar {
    enum Form {
        case bool, signed, unsigned, float
    }

    var form: Form {
        switch self {
        case .bool: .bool
        case .int8, .int16, .int32, .int64, .short, .int, .long: .signed
        case .uint8, .uint16, .uint32, .uint64, .ushort, .uint, .ulong, .size: .unsigned
        case .float, .double: .float
        }
    }

    /// Bytes, which is its alignment as well.
    var width: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .short, .ushort: 2
        case .int32, .uint32, .int, .uint, .float: 4
        case .int64, .uint64, .double: 8
        case .long, .ulong: CLong.bitWidth / 8
        case .size: UInt.bitWidth / 8
        }
    }

    package var isInteger: Bool { form == .signed || form == .unsigned }

    var smallest: Int64 { form == .signed ? -1 << (width * 8 - 1) : 0 }

    var greatest: UInt64 { form == .signed ? UInt64.max >> (65 - width * 8) : UInt64.max >> (64 - width * 8) }
}

extension ForeignScalar {
    /// The value's bits, the lowest `width` bytes; refuses what the type can't hold.
    func bits(of value: JSONValue, at place: @autoclosure () -> String) throws(ForeignRefusal) -> UInt64 {
        switch form {
        case .bool:
            if let truth = value.bool { return truth ? 1 : 0 }
        case .signed, .unsigned:
            if let bits = integerBits(of: value) { return bits }
        case .float:
            if let bits = floatBits(of: value) { return bits }
        }
        throw ForeignRefusal(place(), "must be \(words), not \(ForeignRefusal.shown(value))")
    }

    /// A length as this type; nil where it doesn't fit.
    func bits(ofLength length: Int) -> UInt64? {
        isInteger && length >= 0 && UInt64(length) <= greatest ? UInt64(length) : nil
    }

    /// What is allowed, as the end of "must be".
    var words: String {
        switch form {
        case .bool: "true or false"
        case .signed, .unsigned: "an integer from \(smallest) to \(greatest)"
        case .float: self == .float ? "a number that a float can hold" : "a number that a double can hold"
        }
    }

    /// `5.0` is the integer 5, as it is for JSON Schema.
    private func integerBits(of value: JSONValue) -> UInt64? {
        if let int = value.int {
            let isHeld = int < 0 ? Int64(int) >= smallest : UInt64(int) <= greatest
            return isHeld ? UInt64(bitPattern: Int64(int)) & mask : nil
        }
        if let large = value.uint64 { return large <= greatest ? large : nil }
        guard value.kind == .double, let double = value.double, double.magnitude <= 0x1p53,
            let int = Int64(exactly: double)
        else { return nil }
        return (int < 0 ? int >= smallest : UInt64(int) <= greatest) ? UInt64(bitPattern: int) & mask : nil
    }

    private func floatBits(of value: JSONValue) -> UInt64? {
        guard let double = value.double, double.isFinite else { return nil }
        guard self == .float else { return double.bitPattern }
        let float = Float(double)
        return float.isFinite ? UInt64(float.bitPattern) : nil
    }

    private var mask: UInt64 { UInt64.max >> (64 - width * 8) }

    /// A signed type's value.
    func signed(_ bits: UInt64) -> Int64 {
        let unused = 64 - width * 8
        return Int64(bitPattern: bits << unused) >> unused
    }

    func unsigned(_ bits: UInt64) -> UInt64 { bits & mask }

    func floating(_ bits: UInt64) -> Double {
        self == .float ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
    }

    /// The value as JSON. What JSON has no number for is a text: `NaN`, `Infinity`, `-Infinity`.
    func write(_ bits: UInt64, into json: inout JSONWriter) {
        switch form {
        case .bool: json.bool(bits & 0xFF != 0)
        case .signed: json.int(Int(signed(bits)))
        case .unsigned: json.uint64(unsigned(bits))
        case .float:
            let number = floating(bits)
            if number.isNaN { return json.string("NaN") }
            if number.isInfinite { return json.string(number < 0 ? "-Infinity" : "Infinity") }
            // A float's own shortest text: as a double it would show digits that it doesn't have.
            let text = self == .float ? Float(number).description : number.description
            json.raw(Array(text.utf8))
        }
    }

    /// The order of two values; NaN comes after every number.
    func isBefore(_ left: UInt64, _ right: UInt64) -> Bool {
        switch form {
        case .bool, .unsigned: unsigned(left) < unsigned(right)
        case .signed: signed(left) < signed(right)
        case .float:
            floating(left).isNaN ? false : floating(right).isNaN || floating(left) < floating(right)
        }
    }
}
