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

    /// What the star stands for in `name`, or nil when the pattern doesn't fit it.
    package func star(in name: String) -> Substring? {
        guard name.utf8.count >= prefix.utf8.count + suffix.utf8.count, name.hasPrefix(prefix), name.hasSuffix(suffix)
        else { return nil }
        return name.dropFirst(prefix.count).dropLast(suffix.count)
    }
}
