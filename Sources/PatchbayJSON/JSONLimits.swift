/// How much JSON is accepted, from whom. Every document is bounded in bytes, depth and number of values.
package struct JSONLimits: Sendable, Equatable {
    /// Bytes of the document. Never more than 268,435,455, whatever is set.
    package var maxBytes: Int
    /// Arrays and objects inside one another; `[]` has depth 1.
    package var maxDepth: Int
    /// Values and keys together; each costs 16 bytes of memory.
    package var maxValues: Int
    /// Whether an object with the same key twice is an error. Keys are compared after their escapes are undone.
    package var rejectDuplicateKeys: Bool

    package init(
        maxBytes: Int = 64 << 20, maxDepth: Int = 128, maxValues: Int = 2_000_000, rejectDuplicateKeys: Bool = true
    ) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxValues = maxValues
        self.rejectDuplicateKeys = rejectDuplicateKeys
    }

    /// For what a client sends: everything is checked.
    package static let request = JSONLimits()

    /// For one event of an upstream's stream. Duplicate keys aren't looked for; the first of them is what `[key]`
    /// finds.
    package static let chunk = JSONLimits(maxBytes: 16 << 20, maxValues: 500_000, rejectDuplicateKeys: false)

    /// For what this host wrote itself and reads back, such as stored items.
    package static let stored = JSONLimits(maxBytes: 256 << 20, maxValues: 8_000_000, rejectDuplicateKeys: false)
}
