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
}
