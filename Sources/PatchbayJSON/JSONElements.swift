internal import CSimdJSON

/// The elements of an array, in order. A collection that steps from one to the next in constant time.
package struct JSONElements: Collection, Sendable {
    package struct Index: Comparable, Sendable {
        let node: Int
        package static func < (one: Index, other: Index) -> Bool { one.node < other.node }
    }

    let document: JSONDocument
    /// The node of the value, which need not be an array.
    let array: Int

    package var startIndex: Index { Index(node: array + 1) }
    package var endIndex: Index { Index(node: isArray ? document.after(array) : array + 1) }
    package var count: Int { isArray ? document.nodes[array].payload : 0 }
    package var isEmpty: Bool { count == 0 }
    private var isArray: Bool { document.nodes[array].kind == CSJ_ARRAY }
    package func index(after position: Index) -> Index { Index(node: document.after(position.node)) }
    package subscript(position: Index) -> JSONValue { JSONValue(document: document, index: position.node) }
}

extension JSONValue {
    /// The elements of an array; none when this isn't one.
    package var elements: JSONElements { JSONElements(document: document, array: index) }

    /// The elements of an array; nil when this isn't one.
    package var array: JSONElements? { node.kind == CSJ_ARRAY ? elements : nil }
}
