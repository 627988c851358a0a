internal import CSimdJSON

/// The members of an object, in the order of the source.
package struct JSONMembers: Sequence, Sendable {
    let document: JSONDocument
    /// The node of the value, which need not be an object.
    let object: Int

    package var count: Int { isObject ? document.nodes[object].payload : 0 }
    package var underestimatedCount: Int { count }
    private var isObject: Bool { document.nodes[object].kind == CSJ_OBJECT }

    package func makeIterator() -> Iterator {
        Iterator(document: document, position: object + 1, end: isObject ? document.after(object) : object + 1)
    }

    package struct Iterator: IteratorProtocol, Sendable {
        let document: JSONDocument
        var position: Int
        let end: Int

        package mutating func next() -> JSONMember? {
            guard position < end else { return nil }
            let member = JSONMember(document: document, index: position)
            position = document.after(position + 1)
            return member
        }
    }
}

/// A key and its value.
package struct JSONMember: Sendable {
    let document: JSONDocument
    /// The node of the key; the value's is the one after.
    let index: Int

    /// The key, with its escapes undone.
    package var key: String { document.string(index) }
    package var value: JSONValue { JSONValue(document: document, index: index + 1) }
    /// The bytes of key and value as they came, from the key's opening quote to the value's end, white space around the
    /// colon included.
    package var raw: ArraySlice<UInt8> {
        document.bytes[Int(document.nodes[index].start)..<Int(document.nodes[index + 1].end)]
    }

    /// Whether the key is exactly this, without making a `String`.
    package func keyEquals(_ text: StaticString) -> Bool {
        unsafe text.withBytes { unsafe document.stringEquals(index, $0) }
    }
}

extension JSONValue {
    /// The members of an object; none when this isn't one.
    package var members: JSONMembers { JSONMembers(document: document, object: index) }

    /// The members of an object; nil when this isn't one.
    package var object: JSONMembers? { node.kind == CSJ_OBJECT ? members : nil }
}
