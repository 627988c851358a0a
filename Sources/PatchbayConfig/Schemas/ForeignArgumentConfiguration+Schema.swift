extension ForeignArgumentConfiguration {
    static let schema = Schema(
        make: { ForeignArgumentConfiguration() },
        fields: [
            Field("name", \.name, .toolName),
            Field("type", \.type, ForeignTypeConfiguration.kind, isRequired: true),
            Field("description", \.description, .text),
            Field("value", \.constant, Kind<YAMLNode> { node, _, _ in node }),
            Field("length_of", \.lengthOf, .toolName),
            Field("out", \.isOut, .bool),
            Field("in_out", \.isInOut, .bool),
            Field("size", \.size, .room),
            Field("encoding", \.encoding, .encoding),
            Field("max", \.max, .size(from: "1B", to: "64MiB")),
            Field("compare", \.compare, .toolName),
            Field("order", \.isDescending, .choice([("ascending", false), ("descending", true)])),
        ],
        finish: { argument, node, path, sink in
            argument.marks = MarkTree(node)
            argument.path = path
            argument.direction = argument.isInOut ? .both : argument.isOut ? .output : .input
            // A type that could not be read would make more complaints than there are mistakes.
            guard argument.marks.has("type"), argument.type != .pointer || argument.saysPointer(node) else { return }
            argument.checkRole(node, &sink)
        })

    private func saysPointer(_ node: YAMLNode) -> Bool {
        guard case .mapping(let entries) = node.content,
            let type = entries.first(where: { $0.key == "type" })?.value, case .scalar(let scalar) = type.content
        else { return false }
        return scalar.text == "pointer"
    }
}

extension ForeignArgumentConfiguration.Room {
    static let schema = Schema(
        make: { ForeignArgumentConfiguration.Room() },
        fields: [
            Field("of", \.of, .toolName, isRequired: true),
            Field("times", \.times, .integer(in: 1...1024)),
            Field("plus", \.plus, .size(from: "0B", to: "64MiB")),
        ])
}

extension Kind where Value == ForeignArgumentConfiguration.Room {
    /// A number, or a number made of another argument.
    static var room: Kind {
        let fixed = Kind<Int>.size(from: "1B", to: "64MiB")
        return Kind { node, path, sink in
            if case .mapping = node.content { return ForeignArgumentConfiguration.Room.schema.read(node, path, &sink) }
            return fixed.read(node, path, &sink).map { size in
                var room = ForeignArgumentConfiguration.Room()
                room.plus = size
                return room
            }
        }
    }
}

extension Kind where Value == ForeignEncodingName {
    static var encoding: Kind { .choice(ForeignEncodingName.allCases.map { ($0.rawValue, $0) }) }
}
