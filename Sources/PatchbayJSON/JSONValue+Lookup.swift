internal import CSimdJSON

extension JSONValue {
    /// The member with this key, the first if there are several; nil when there is none or this isn't an object. A
    /// member that is `null` is found. A literal key is compared without making a `String`.
    package subscript(_ key: StaticString) -> JSONValue? {
        guard let found = unsafe key.withBytes({ unsafe document.find($0, in: index) }) else { return nil }
        return JSONValue(document: document, index: found)
    }

    /// The member with this key, for keys that aren't literals: `value[key: name]`. (With a label, because the
    /// compiler takes a literal for a `String` wherever it can, even where that subscript is marked as the less
    /// favoured one.)
    package subscript(key key: String) -> JSONValue? {
        guard let found = unsafe key.withBytes({ unsafe document.find($0, in: index) }) else { return nil }
        return JSONValue(document: document, index: found)
    }

    /// The element of an array at this position; nil past its end or when this isn't an array. Takes time in
    /// proportion to the position: to visit all, use `elements`.
    package subscript(_ position: Int) -> JSONValue? {
        guard node.kind == CSJ_ARRAY, position >= 0, position < node.payload else { return nil }
        var at = index + 1
        for _ in 0..<position { at = document.after(at) }
        return JSONValue(document: document, index: at)
    }

    /// Whether this is an object with this key, whatever the value.
    package func has(_ key: StaticString) -> Bool {
        unsafe key.withBytes { unsafe document.find($0, in: index) } != nil
    }

    /// Whether this is an object with this key, for keys that aren't literals.
    @_disfavoredOverload
    package func has(_ key: String) -> Bool {
        unsafe key.withBytes { unsafe document.find($0, in: index) } != nil
    }

    /// Whether this is a string with exactly this text, without making a `String`.
    package func stringEquals(_ text: StaticString) -> Bool {
        guard node.kind == CSJ_STRING else { return false }
        return unsafe text.withBytes { unsafe document.stringEquals(index, $0) }
    }

    /// Whether the value's bytes are exactly these.
    package func rawEquals(_ text: StaticString) -> Bool {
        unsafe text.withBytes { unsafe raw.elementsEqual($0) }
    }
}
