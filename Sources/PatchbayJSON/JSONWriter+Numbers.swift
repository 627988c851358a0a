extension JSONWriter {
    package mutating func int(_ value: Int) {
        comma()
        if value >= 0, value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    package mutating func uint64(_ value: UInt64) {
        comma()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The shortest text that reads back as the same double. JSON has no infinities and no NaN: they are written as null.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        comma()
        bytes.append(contentsOf: value.description.utf8)
    }
}
