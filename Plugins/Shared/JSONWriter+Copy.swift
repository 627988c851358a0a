extension JSONWriter {
    /// A member that is an object.
    mutating func object(_ key: StaticString, _ write: (inout JSONWriter) -> Void) {
        self.key(key)
        object(write)
    }

    /// Those of these members that `value` has, null left out.
    mutating func copy(_ keys: [StaticString], of value: JSONValue) {
        for key in keys {
            if let value = value[key]?.present { member(key, value) }
        }
    }

    /// A member whose value is a string, given by its inside.
    mutating func member(_ key: StaticString, inside text: [UInt8]) {
        self.key(key)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }
}
