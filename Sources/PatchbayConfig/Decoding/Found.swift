/// What stands at a place, in a diagnostic's words.
enum Found {
    /// - Parameter isSecret: name the type only; what came from the environment is never shown in any case.
    static func words(for node: YAMLNode, isSecret: Bool = false) -> String {
        guard case .scalar(let scalar) = node.content else {
            if case .sequence = node.content { return "a list" }
            return "a mapping"
        }
        if scalar.isFromEnvironment { return "a value from the environment" }
        switch scalar.coreType {
        case .null: return "nothing"
        case .bool: return isSecret ? "true or false" : Quoting.shown(scalar.text)
        case .integer: return isSecret ? "an integer" : Quoting.shown(scalar.text)
        case .float: return isSecret ? "a number" : Quoting.shown(scalar.text)
        case .string: return isSecret ? "text" : Quoting.quote(scalar.text)
        }
    }
}
