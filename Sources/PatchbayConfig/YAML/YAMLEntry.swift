/// A key of a mapping with its value; both know their place.
struct YAMLEntry: Sendable {
    let key: String
    let keyMark: SourceMark
    let value: YAMLNode
}
