extension JSONWriter {
    /// A member of an object; `null` for nil.
    package mutating func member(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    /// A member of an object; `null` for nil.
    package mutating func member(_ key: StaticString, _ value: Int?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }

    /// A member of an object; `null` for nil.
    package mutating func member(_ key: StaticString, _ value: Double?) {
        self.key(key)
        if let value { double(value) } else { null() }
    }

    /// A member of an object; `null` for nil.
    package mutating func member(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { bool(value) } else { null() }
    }

    /// A member of an object, as it came in its document; `null` for nil.
    package mutating func member(_ key: StaticString, _ value: JSONValue?) {
        self.key(key)
        if let value { raw(value.raw) } else { null() }
    }

    /// A member whose value is JSON already; `null` for nil.
    package mutating func member(_ key: StaticString, raw json: ArraySlice<UInt8>?) {
        self.key(key)
        if let json { raw(json) } else { null() }
    }

    /// A member whose value is a literal that needs no escapes, such as a discriminator.
    package mutating func member(_ key: StaticString, literal text: StaticString) {
        self.key(key)
        string(literal: text)
    }

    /// A member whose value `write` writes: exactly one value.
    package mutating func member(_ key: StaticString, _ write: (inout JSONWriter) -> Void) {
        self.key(key)
        write(&self)
    }

    /// `{` … `}` around the members that `write` writes.
    package mutating func object(_ write: (inout JSONWriter) -> Void) {
        beginObject()
        write(&self)
        endObject()
    }

    /// `[` … `]` around the elements that `write` writes.
    package mutating func array(_ write: (inout JSONWriter) -> Void) {
        beginArray()
        write(&self)
        endArray()
    }
}
