/// Explicit tags: `!!str` makes a string, the core schema's other tags must agree with the text, any other is refused.
enum YAMLTag {
    static let core = "tag:yaml.org,2002:"

    static func refusal(_ tag: String) -> String {
        "the tag \(Quoting.quote(shown(tag))) is not allowed here"
    }

    /// What is wrong with a scalar's tag, or nil.
    static func problem(_ tag: String?, text: String) -> String? {
        guard let tag, tag != "!", tag != core + "str" else { return nil }
        let agrees =
            switch (tag, YAMLScalar.coreType(of: text)) {
            case (core + "null", .null), (core + "bool", .bool), (core + "int", .integer), (core + "float", .float),
                (core + "float", .integer):
                true
            default: false
            }
        return agrees ? nil : refusal(tag)
    }

    /// Whether a scalar's type follows from its text.
    static func isTypedByText(_ tag: String?, isPlain: Bool) -> Bool {
        guard let tag else { return isPlain }
        return tag != "!" && tag != core + "str"
    }

    private static func shown(_ tag: String) -> String {
        tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
    }
}
