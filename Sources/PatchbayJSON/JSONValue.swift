internal import CSimdJSON

/// One value of a document: a reference, cheap to copy, that keeps the document alive. Reading never fails loudly: what
/// isn't there, or isn't of the kind asked for, is nil.
package struct JSONValue: Sendable {
    package let document: JSONDocument
    let index: Int

    var node: csj_node { document.nodes[index] }

    package var kind: JSONKind {
        switch node.kind {
        case CSJ_NULL: .null
        case CSJ_FALSE, CSJ_TRUE: .bool
        case CSJ_INTEGER: .integer
        case CSJ_DOUBLE: .double
        case CSJ_STRING: .string
        case CSJ_ARRAY: .array
        default: .object
        }
    }

    package var isNull: Bool { node.kind == CSJ_NULL }

    package var bool: Bool? {
        switch node.kind {
        case CSJ_TRUE: true
        case CSJ_FALSE: false
        default: nil
        }
    }

    /// The text of a string, with its escapes undone.
    package var string: String? { node.kind == CSJ_STRING ? document.string(index) : nil }

    /// The length of a string's text in bytes of UTF-8, the number of an array's elements or of an object's members; 0
    /// for all else.
    package var count: Int { node.kind >= CSJ_STRING ? node.payload : 0 }

    /// The value's bytes as they came, without white space around them; of a string with its quotes and escapes.
    /// Shares the document's bytes, and keeps them alive.
    package var raw: ArraySlice<UInt8> { document.bytes[node.range] }

    /// Where `raw` lies in the document's bytes.
    package var range: Range<Int> { node.range }
}
