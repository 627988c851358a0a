/// A struct as C lays it out.
package struct ForeignStructure: Sendable, Hashable {
    package indirect enum Content: Sendable, Hashable {
        case scalar(ForeignScalar)
        case structure(ForeignStructure)
    }

    struct Field: Sendable, Hashable {
        var name: String
        var content: Content
        /// Bytes from the struct's beginning.
        var offset: Int
    }

    let fields: [Field]
    /// Bytes.
    let size: Int
    let alignment: Int

    package init(_ fields: [(name: String, content: Content)]) {
        var laid: [Field] = []
        var end = 0
        var alignment = 1
        for field in fields {
            let offset = Self.rounded(end, to: field.content.alignment)
            laid.append(Field(name: field.name, content: field.content, offset: offset))
            end = offset + field.content.size
            alignment = max(alignment, field.content.alignment)
        }
        self.fields = laid
        self.alignment = alignment
        size = Self.rounded(end, to: alignment)
    }

    private static func rounded(_ offset: Int, to alignment: Int) -> Int {
        (offset + alignment - 1) / alignment * alignment
    }
}

extension ForeignStructure.Content {
    var size: Int {
        switch self {
        case .scalar(let scalar): scalar.width
        case .structure(let structure): structure.size
        }
    }

    var alignment: Int {
        switch self {
        case .scalar(let scalar): scalar.width
        case .structure(let structure): structure.alignment
        }
    }
}
