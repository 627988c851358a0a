extension ForeignTypeConfiguration {
    /// The most fields of a struct, and structs inside one another.
    static let mostFields = 32
    static let mostDepth = 4

    private static let words: [(word: String, value: ForeignTypeConfiguration)] =
        ForeignNumber.allCases.map { ($0.rawValue, .number($0)) }
        + [("string", .string), ("bytes", .bytes), ("pointer", .pointer), ("callback", .callback)]

    /// A word, or `{struct: [...]}`, or `{array: word}`.
    static let kind = kind(words, depth: 0)

    /// The same, and `void`.
    static let returned = Kind<ForeignTypeConfiguration?> { node, path, sink in
        if case .scalar(let scalar) = node.content, scalar.text == "void" { return .some(nil) }
        return kind.read(node, path, &sink).map { .some($0) }
    }

    private static let word = Kind.choice(words)

    private static func kind(
        _ words: [(word: String, value: ForeignTypeConfiguration)], depth: Int
    ) -> Kind<ForeignTypeConfiguration> {
        let plain = Kind.choice(words)
        return Kind { node, path, sink in
            guard case .mapping(let entries) = node.content else { return plain.read(node, path, &sink) }
            guard entries.count == 1, let entry = entries.first, entry.key == "struct" || entry.key == "array" else {
                sink.error(node.mark, "\(path) must be a type's name, or have the one key 'struct' or 'array'")
                return nil
            }
            let inner = KeyPathText.child(path, entry.key)
            if entry.key == "struct" { return structure(entry.value, inner, depth: depth + 1, &sink) }
            return array(entry.value, inner, &sink)
        }
    }

    private static func array(
        _ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink
    ) -> ForeignTypeConfiguration? {
        guard let element = word.read(node, path, &sink) else { return nil }
        switch element {
        case .number(let number): return .numbers(number)
        case .string: return .strings
        default:
            sink.error(node.mark, "\(path) must be numbers or strings, found \(Found.words(for: node))")
            return nil
        }
    }

    private static func structure(
        _ node: YAMLNode, _ path: String, depth: Int, _ sink: inout DiagnosticSink
    ) -> ForeignTypeConfiguration? {
        guard depth <= mostDepth else {
            sink.error(node.mark, "\(path) has more than \(mostDepth) structs inside one another")
            return nil
        }
        let schema = Schema(
            make: { Field() },
            fields: [
                PatchbayConfig.Field("name", \.name, .toolName, isRequired: true),
                PatchbayConfig.Field("type", \.type, kind(words, depth: depth), isRequired: true),
            ],
            finish: { field, node, path, sink in
                switch field.type {
                case .number, .structure: break
                default:
                    // What could not be read at all has been reported, and left the default.
                    guard MarkTree(node).has("type"), field.type != .pointer || !sink.hasErrors else { return }
                    sink.error(
                        MarkTree(node).mark(at: "type"),
                        "\(path).type must be a number, bool or a struct, found \(field.type.words)")
                }
            })
        guard let fields = Kind<[Field]>.list(of: schema.kind, whenEmpty: "must not be empty").read(node, path, &sink)
        else { return nil }
        if fields.count > mostFields {
            sink.error(node.mark, "\(path) has \(fields.count) fields, and at most \(mostFields) are allowed")
        }
        if Set(fields.map(\.name)).count != fields.count {
            sink.error(node.mark, "\(path) has two fields of one name")
        }
        return .structure(fields)
    }
}
