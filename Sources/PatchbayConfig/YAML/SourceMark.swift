/// Where something stands in a configuration file: what every diagnostic points at.
package struct SourceMark: Hashable, Sendable, Comparable {
    /// The path as it was given to the loader.
    package let file: String
    /// From 1.
    package let line: Int
    /// From 1, counted in characters (Unicode scalars), as editors do.
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: SourceMark, right: SourceMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
