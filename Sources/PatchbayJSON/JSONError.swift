/// Why bytes aren't an acceptable JSON document.
package struct JSONError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Nothing but white space, or nothing at all.
        case empty
        /// More bytes than `JSONLimits.maxBytes`, or than there is memory for.
        case tooLarge
        /// More values than `JSONLimits.maxValues`.
        case tooManyValues
        /// Arrays and objects deeper than `JSONLimits.maxDepth`.
        case depth
        /// Bytes that aren't UTF-8, or a `\u` escape of half a surrogate pair.
        case utf8
        /// Not JSON.
        case syntax
        /// Not a JSON number, an integer beyond 64 bits, or a double beyond the finite ones.
        case number
        /// A key that an object has twice, with its escapes undone.
        case duplicateKey(String)
        /// A complete document, and something after it.
        case trailing
    }

    package let kind: Kind
    /// Where in the document, in bytes from 0; nil where no place is at fault.
    package let offset: Int?
    /// Fit to be shown to the client: "invalid JSON at byte 17: expected ':' after the key". Of the document it repeats
    /// at most 64 bytes of a duplicate key.
    package let message: String

    package init(kind: Kind, offset: Int?, message: String) {
        self.kind = kind
        self.offset = offset
        self.message = message
    }
}

extension JSONError {
    init(_ kind: Kind, at offset: Int?, _ what: String) {
        let place = offset.map { " at byte \($0)" } ?? ""
        self.init(kind: kind, offset: offset, message: "invalid JSON\(place): \(what)")
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { message }
}
