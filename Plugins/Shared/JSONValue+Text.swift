extension JSONValue {
    /// The bytes of a string's text with its escapes undone, without a copy; nil when it is empty or this isn't a
    /// string.
    var text: ArraySlice<UInt8>? {
        guard kind == .string, count > 0 else { return nil }
        return node.isEscaped ? document.strings[node.text] : document.bytes[node.text]
    }

    /// A string's bytes between its quotes, escapes and all; nil when this isn't a string.
    var inside: ArraySlice<UInt8>? { kind == .string ? raw.dropFirst().dropLast() : nil }

    /// Whether this item, part or annotation is one that only Anthropic's models know.
    var isAnthropics: Bool {
        self["type"]?.text?.starts(with: "anthropic:".utf8) == true || has("encrypted_index")
    }

    /// This, unless it is JSON's null.
    var present: JSONValue? { isNull ? nil : self }

    /// Writes the members of this object except those named.
    func writeMembers(to json: inout JSONWriter, except names: [StaticString]) {
        for member in members where !names.contains(where: { member.keyEquals($0) }) {
            json.key(member.key)
            json.value(member.value)
        }
    }
}
