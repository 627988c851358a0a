extension JSONWriter {
    /// A key that is a literal and needs no escapes.
    package mutating func key(_ key: StaticString) {
        bytes.appendKey(key, comma: needsComma)
        needsComma = false
    }

    /// Any key, for those that aren't literals.
    @_disfavoredOverload
    package mutating func key(_ key: String) {
        bytes.appendQuoted(key, comma: needsComma)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A string. `"`, `\` and control characters are escaped, nothing else.
    package mutating func string(_ text: String) {
        bytes.appendQuoted(text, comma: needsComma)
        needsComma = true
    }

    /// A string whose bytes are known to be UTF-8, such as a delta that was checked on its way in.
    package mutating func string(utf8 text: borrowing Span<UInt8>) {
        bytes.appendQuoted(text, comma: needsComma)
        needsComma = true
    }

    /// A string that is a literal and needs no escapes.
    package mutating func string(literal text: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A value that is JSON already: it is copied as it is, not checked.
    package mutating func raw(_ json: borrowing Span<UInt8>) {
        comma()
        bytes.append(copying: json)
    }

    /// `text` as a JSON string, with its quotes.
    package static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendQuoted(text, comma: false)
        return bytes
    }
}
