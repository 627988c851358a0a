extension JSONParser {
    /// The document in `slice`; its bytes are copied unless the slice is a whole array.
    package func parse(_ slice: ArraySlice<UInt8>, limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        guard slice.count <= limits.maxBytes else { throw .tooLarge(limits) }
        return try parse([UInt8](slice), limits: limits)
    }

    /// The document in `span`; its bytes are copied once.
    package func parse(_ span: borrowing Span<UInt8>, limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        guard span.count <= limits.maxBytes else { throw .tooLarge(limits) }
        return try parse([UInt8](copying: span), limits: limits)
    }

    /// The document in `span`, such as a network buffer's readable bytes; its bytes are copied once.
    package func parse(_ span: borrowing RawSpan, limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        guard span.byteCount <= limits.maxBytes else { throw .tooLarge(limits) }
        return try parse([UInt8](copying: span), limits: limits)
    }

    package func parse(_ text: String, limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        guard text.utf8.count <= limits.maxBytes else { throw .tooLarge(limits) }
        return try parse([UInt8](text.utf8), limits: limits)
    }
}

extension JSONDocument {
    /// One document without a parser to keep. For a path that is taken often, keep a `JSONParser`.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        try JSONParser().parse(bytes, limits: limits)
    }

    /// One document without a parser to keep.
    package static func parse(_ bytes: ArraySlice<UInt8>, limits: JSONLimits = .request) throws(JSONError)
        -> JSONDocument
    {
        try JSONParser().parse(bytes, limits: limits)
    }

    /// One document without a parser to keep.
    package static func parse(_ text: String, limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        try JSONParser().parse(text, limits: limits)
    }
}
