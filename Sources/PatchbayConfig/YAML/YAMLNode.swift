/// A value of the file with its place; aliases are followed, merge keys merged, `${NAME}` replaced.
struct YAMLNode: Sendable {
    indirect enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    let content: Content
    let mark: SourceMark

    /// Nothing, `~` or `null`, without quotes.
    var isNull: Bool {
        if case .scalar(let scalar) = content { return !scalar.isBroken && scalar.coreType == .null }
        return false
    }
}

extension YAMLNode {
    /// A scalar about which an error has been reported.
    var isBroken: Bool {
        if case .scalar(let scalar) = content { return scalar.isBroken }
        return false
    }
}
