extension Kind where Value == String {
    /// Text that is not empty. A plain `123` or `true` is no text: quotes make it one.
    static var text: Kind { text("a string") }

    static func text(_ expected: String, isSecret: Bool = false) -> Kind {
        Kind.scalar(
            expected, isSecret: isSecret,
            hint: { $0.coreType == .null ? "" : "; write it in quotes" },
            { $0.coreType == .string ? $0.text : nil }
        ).checked { text, _ in text.isEmpty ? "must not be empty" : nil }
    }

    /// A name that others refer to: text of at most 128 bytes without spaces and control characters.
    static var name: Kind {
        text.checked { name, _ in
            if name.utf8.count > 128 { return "must have at most 128 bytes, found \(name.utf8.count)" }
            let isBad = name.unicodeScalars.contains {
                $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F
            }
            return isBad ? "must hold no spaces and no control characters" : nil
        }
    }
}

extension Kind where Value == Bool {
    static var bool: Kind {
        Kind.scalar(
            "true or false",
            hint: { scalar in
                switch scalar.text.lowercased() {
                case "yes", "on", "y": "; write true"
                case "no", "off", "n": "; write false"
                case "true", "false": "; write it without quotes"
                default: ""
                }
            },
            { scalar in
                if case .bool(let value) = scalar.wantedType { return value }
                return nil
            })
    }
}

extension Kind where Value == Int {
    static func integer(in range: ClosedRange<Int>) -> Kind {
        Kind.scalar("an integer from \(range.lowerBound) to \(range.upperBound)") { scalar in
            guard case .integer(let json) = scalar.wantedType, let value = json.flatMap({ Int($0) }) else { return nil }
            return range.contains(value) ? value : nil
        }
    }
}

extension Kind {
    /// One of a few words.
    static func choice(_ choices: [(word: String, value: Value)]) -> Kind where Value: Sendable {
        let words = choices.map(\.word)
        return Kind.scalar(
            Quoting.list(words, "or"), hint: { Suggestion.hint(for: $0.text, among: words) },
            { scalar in choices.first { $0.word == scalar.text }?.value })
    }
}

extension YAMLScalar {
    /// The type where the schema is ours: text that came out of `${NAME}` may be a number or true or false.
    var wantedType: CoreType {
        isSubstituted ? Self.coreType(of: text) : coreType
    }
}
