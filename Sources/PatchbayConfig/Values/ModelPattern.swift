/// A model name with one star, which stands for any text, also for none.
package struct ModelPattern: Sendable, Hashable {
    package let prefix: String
    package let suffix: String

    /// nil unless `name` holds exactly one `*`.
    package init?(_ name: String) {
        let parts = name.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        prefix = String(parts[0])
        suffix = String(parts[1])
    }

    /// Whether the star can stand for something so that the pattern is this name.
    func matches(_ name: String) -> Bool {
        name.utf8.count >= prefix.utf8.count + suffix.utf8.count && name.hasPrefix(prefix) && name.hasSuffix(suffix)
    }
}
