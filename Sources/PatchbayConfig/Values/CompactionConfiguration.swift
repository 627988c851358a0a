/// `compaction:`, how conversations are made shorter.
package struct CompactionConfiguration: Sendable {
    /// A name that `models` serves; nil: the model that the request is for.
    package var model: String?
    /// What compaction items are encrypted with; nil: a key that the server mints. Always `.plain`.
    package var key: KeySecret?
    /// What the model that summarises is told; nil: the server's own words.
    package var instructions: String?
    /// The places of the section's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))

    package init() {}
}
