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
}
