extension ForeignReturnConfiguration {
    static let schema = Schema(
        make: { ForeignReturnConfiguration() },
        fields: [
            Field("type", \.type, ForeignTypeConfiguration.returned, isRequired: true),
            Field("name", \.ownName, .toolName),
            Field("ok", \.ok, .success),
            Field("error_text", \.errorText, .symbol),
            Field("error", \.error, .text),
            Field("length_of", \.lengthOf, .toolName),
            Field("free", \.release, .symbol),
            Field("encoding", \.encoding, .encoding),
            Field("max", \.max, .size(from: "1B", to: "64MiB")),
        ],
        finish: { result, node, path, sink in
            result.marks = MarkTree(node)
            result.path = path
            // A status and a length say something of the call, and are no results of it.
            result.name = result.ownName ?? (result.ok == nil && result.lengthOf == nil ? "result" : nil)
        })

    /// A type alone, or a mapping.
    static let kind = Kind<ForeignReturnConfiguration> { node, path, sink in
        if case .mapping(let entries) = node.content,
            !entries.contains(where: { ["struct", "array"].contains($0.key) })
        {
            return schema.read(node, path, &sink)
        }
        return ForeignTypeConfiguration.returned.read(node, path, &sink).map { type in
            var result = ForeignReturnConfiguration()
            result.type = type
            result.marks = MarkTree(node)
            result.path = path
            return result
        }
    }
}

extension Kind where Value == ForeignReturnConfiguration.Success {
    /// A status, a list of them, or a word for many.
    static var success: Kind {
        let number = Kind<Int>.integer(in: Int.min...Int.max)
        return Kind { node, path, sink in
            switch node.content {
            case .scalar(let scalar) where scalar.text == "nonzero": return .nonzero
            case .scalar(let scalar) where scalar.text == "nonnegative": return .nonnegative
            case .sequence:
                return Kind<[Int]>.list(of: number, whenEmpty: "must not be empty").read(node, path, &sink)
                    .map { .values($0) }
            default:
                guard case .scalar(let scalar) = node.content, case .integer(let json) = scalar.wantedType,
                    let value = json.flatMap({ Int($0) })
                else {
                    if !node.isBroken {
                        sink.error(
                            node.mark,
                            "\(path) must be an integer, a list of integers, nonzero or nonnegative, found \(Found.words(for: node))"
                        )
                    }
                    return nil
                }
                return .values([value])
            }
        }
    }
}

extension Kind where Value == String {
    /// A name of C.
    static var symbol: Kind {
        text.checked { name, _ in
            let isGood = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "_": true
                case "0"..."9": index > 0
                default: false
                }
            }
            return isGood && name.utf8.count <= 256 ? nil : "must be a name of C: letters, digits and _"
        }
    }
}
