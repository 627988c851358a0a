/// Why libyaml stopped, and where.
struct YAMLSyntaxError {
    let message: String
    /// From 1.
    let line: Int
    /// From 1.
    let column: Int
}
