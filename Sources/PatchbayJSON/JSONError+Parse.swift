internal import CSimdJSON

extension JSONError {
    /// The error for what the shim reports. `duplicateKey` is the key for that code and else empty.
    init(code: Int32, offset: Int?, limits: JSONLimits, duplicateKey: String) {
        switch Int(code) {
        case CSJ_EMPTY: self.init(.empty, at: nil, "the document is empty")
        case CSJ_TOO_LARGE: self = .tooLarge(limits)
        case CSJ_TOO_MANY_VALUES:
            self.init(.tooManyValues, at: offset, "more than \(limits.maxValues) values")
        case CSJ_NO_MEMORY: self.init(.tooLarge, at: nil, "there is not enough memory for the document")
        case CSJ_INVALID_UTF8: self.init(.utf8, at: offset, "the text is not UTF-8")
        case CSJ_UNCLOSED_STRING: self.init(.syntax, at: offset, "the string does not end")
        case CSJ_CONTROL_CHARACTER:
            self.init(.syntax, at: offset, "a control character in a string must be escaped")
        case CSJ_BAD_ESCAPE: self.init(.syntax, at: offset, "no such escape in a string")
        case CSJ_LONE_SURROGATE: self.init(.utf8, at: offset, "half a surrogate pair in a string")
        case CSJ_BAD_NUMBER: self.init(.number, at: offset, "not a number")
        case CSJ_NUMBER_RANGE: self.init(.number, at: offset, "the number is out of range")
        case CSJ_EXPECTED_KEY: self.init(.syntax, at: offset, "expected a key in quotes")
        case CSJ_EXPECTED_COLON: self.init(.syntax, at: offset, "expected ':' after the key")
        case CSJ_EXPECTED_OBJECT_END: self.init(.syntax, at: offset, "expected ',' or '}' after the member")
        case CSJ_EXPECTED_ARRAY_END: self.init(.syntax, at: offset, "expected ',' or ']' after the element")
        case CSJ_UNEXPECTED_END: self.init(.syntax, at: offset, "the document ends too early")
        case CSJ_TOO_DEEP:
            self.init(.depth, at: offset, "nested deeper than \(limits.maxDepth) arrays and objects")
        case CSJ_DUPLICATE_KEY:
            self.init(.duplicateKey(duplicateKey), at: offset, "the key \(Self.excerpt(duplicateKey)) is there twice")
        case CSJ_TRAILING: self.init(.trailing, at: offset, "something follows the document")
        default: self.init(.syntax, at: offset, "expected a value")
        }
    }

    static func tooLarge(_ limits: JSONLimits) -> JSONError {
        JSONError(.tooLarge, at: nil, "more than \(limits.maxBytes) bytes")
    }

    /// A key in quotes, control characters replaced, at most 64 bytes of it.
    private static func excerpt(_ key: String) -> String {
        var shown = ""
        for scalar in key.unicodeScalars {
            if shown.utf8.count > 60 { return "\"\(shown)…\"" }
            shown.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return "\"\(shown)\""
    }
}
