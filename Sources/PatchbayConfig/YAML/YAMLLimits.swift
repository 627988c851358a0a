/// What a configuration file may cost, at most. Past any of these the file is refused.
enum YAMLLimits {
    /// Bytes of the file.
    static let bytes = 4 << 20
    /// Mappings and lists inside one another, aliases followed.
    static let depth = 64
    /// Values and keys after every alias has been followed; this is what stops a "billion laughs" file.
    static let nodes = 100_000
    /// Lines that begin with `%`: libyaml compares each `%TAG` with all before it.
    static let directives = 64
    /// Bytes that one value may have once `${NAME}` has been replaced.
    static let expandedBytes = 1 << 20
    /// Bytes that all values with `${NAME}` may have together.
    static let expandedTotal = 16 << 20
}
