/// What the reading of markup holds back at most, bytes. Past a bound the markup counts as malformed, or a value as a
/// string: each use says which.
enum MarkupLimits {
    /// Markup before its call is certain; past it, it is given back as text. Also a value that must be whole before it
    /// is known what it is; past it, it is a string.
    static let held = 1 << 20
    /// A function's name, a parameter's name, a header.
    static let name = 256
    /// White space that goes with the call it stands beside.
    static let space = 64
}
