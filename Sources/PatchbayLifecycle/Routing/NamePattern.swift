/// A name with one `*`, which stands for any text, none included.
struct NamePattern: Sendable {
    private let prefix: String
    private let suffix: String

    /// Nil for a name without a star.
    init?(_ name: String) {
        guard let star = name.firstIndex(of: "*") else { return nil }
        prefix = String(name[..<star])
        suffix = String(name[name.index(after: star)...])
    }

    /// The more a pattern spells out, the earlier it is tried.
    var length: Int { prefix.utf8.count + suffix.utf8.count }

    /// What the star stands for in `name`; nil if the name doesn't match.
    func match(_ name: String) -> String? {
        guard name.utf8.count >= length, name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return String(name.dropFirst(prefix.count).dropLast(suffix.count))
    }
}
