internal import CSimdJSON

extension JSONValue {
    /// An integer that `Int` holds. Nil for `5.0`, `5e0` and all that isn't a number.
    package var int: Int? {
        guard node.kind == CSJ_INTEGER else { return nil }
        let text = raw
        let isNegative = text.first == UInt8(ascii: "-")
        guard let size = Self.magnitude(isNegative ? text.dropFirst() : text) else { return nil }
        return isNegative ? Int(exactly: -Int128(size)) : Int(exactly: size)
    }

    /// An integer that `UInt64` holds, which is more than `int` can for large ones.
    package var uint64: UInt64? {
        node.kind == CSJ_INTEGER ? Self.magnitude(raw) : nil
    }

    /// Any number, rounded to the nearest double.
    package var double: Double? {
        switch node.kind {
        case CSJ_INTEGER, CSJ_DOUBLE: document.double(index)
        default: nil
        }
    }

    /// Digits alone; nil for anything else and for what doesn't fit.
    private static func magnitude(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0") else { return nil }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeWithDigit) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            if isTooLarge || isTooLargeWithDigit { return nil }
            value = sum
        }
        return value
    }
}
