internal import CSimdJSON

/// A parsed document: its bytes as they came and an array of nodes that point into them. Immutable, so that it may
/// cross threads. Values keep it alive; whoever keeps a small part of a large document for long copies that part's
/// `raw`.
package final class JSONDocument: Sendable {
    /// The source, byte for byte.
    package let bytes: [UInt8]
    /// Values and keys in the order of the source; never empty. See `csj_node` for what the fields mean.
    let nodes: [csj_node]
    /// The texts of the strings that have escapes, with the escapes undone.
    let strings: [UInt8]

    init(bytes: [UInt8], nodes: [csj_node], strings: [UInt8]) {
        self.bytes = bytes
        self.nodes = nodes
        self.strings = strings
    }

    package var root: JSONValue { JSONValue(document: self, index: 0) }
}
