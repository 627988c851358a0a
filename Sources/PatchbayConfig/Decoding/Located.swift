/// A value that is checked against others later, with its place.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let tree: MarkTree
}

extension Kind where Value: Sendable {
    /// The same, keeping the place.
    var located: Kind<Located<Value>> {
        Kind<Located<Value>>(isAbsentWhenNull: isAbsentWhenNull) { node, path, sink in
            read(node, path, &sink).map { Located(value: $0, tree: MarkTree(node)) }
        }
    }
}
