extension JSONWriter {
    package mutating func int(_ value: Int) {
        bytes.appendDigits(Int64(value), comma: needsComma)
        needsComma = true
    }

    package mutating func uint64(_ value: UInt64) {
        bytes.appendDigits(value, comma: needsComma)
        needsComma = true
    }

    /// The shortest text that reads back as the same double. JSON has no infinities and no NaN: they are written as
    /// null.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        comma()
        bytes.append(contentsOf: value.description.utf8)
    }

    /// An array of numbers that are finite, each in the shortest form that reads back as the same float.
    package mutating func numbers(_ numbers: borrowing Span<Float>) {
        comma()
        bytes.append(UInt8(ascii: "["))
        bytes.appendNumbers(numbers)
        bytes.append(UInt8(ascii: "]"))
    }

    /// A string: the base64, with padding, of 32-bit floats in little-endian order.
    package mutating func string(base64 numbers: borrowing Span<Float>) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.appendBase64(numbers)
        bytes.append(UInt8(ascii: "\""))
    }
}
