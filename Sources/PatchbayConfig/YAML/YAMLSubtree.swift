/// A finished value with what it costs, for the limits that aliases are held to.
struct YAMLSubtree {
    let node: YAMLNode
    /// Keys and values in it, itself too, aliases followed.
    let nodes: Int
    /// Mappings and lists inside one another; 0 for a scalar.
    let height: Int
}
