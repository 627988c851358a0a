/// `${NAME}`, `${NAME:-default}` and `$$` in a scalar's text, after YAML has been parsed: a value can't become YAML.
///
/// Any other `$` stands for itself. `NAME` is a letter or `_`, then letters, digits or `_`. The default is used where
/// the variable is unset or empty (as in a shell), ends at the first `}`, and holds no `${` itself.
enum EnvironmentExpansion {
    struct Result: Equatable {
        var text = ""
        /// A `${NAME}` was replaced.
        var isSubstituted = false
        /// A `${NAME}` or a `$$` was replaced: the text is a string, whatever it looks like.
        var isChanged = false
        /// Some of the text is the environment's.
        var isFromEnvironment = false
    }

    struct Failure: Error, Equatable {
        let message: String
    }

    /// - Throws: what is wrong with a `${`, in words for a diagnostic.
    static func expand(_ text: String, _ environment: ConfigurationEnvironment) throws(Failure) -> Result {
        var result = Result()
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result.text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                result.text += "$"
                result.isChanged = true
                rest = rest.dropFirst()
            case "{":
                guard let close = rest.firstIndex(of: "}") else {
                    throw Failure(message: "'${' without a closing '}'; write '$$' for a plain dollar sign")
                }
                try replace(rest[..<close].dropFirst(), environment, &result)
                rest = rest[rest.index(after: close)...]
            default:
                result.text += "$"
            }
            guard result.text.utf8.count <= YAMLLimits.expandedBytes else {
                throw Failure(
                    message: "a value may have \(YAMLLimits.expandedBytes) bytes once its '${...}' are replaced")
            }
        }
        result.text += rest
        return result
    }

    private static func replace(
        _ inside: Substring, _ environment: ConfigurationEnvironment, _ result: inout Result
    ) throws(Failure) {
        let nameEnd = inside.unicodeScalars.firstIndex { !isNameScalar($0) } ?? inside.endIndex
        let name = String(inside[..<nameEnd])
        let rest = inside[nameEnd...]
        let startsWithDigit = name.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? true
        guard !startsWithDigit, rest.isEmpty || rest.hasPrefix(":-") else {
            throw Failure(
                message: "\(Quoting.quote("${" + inside + "}")) is not '${NAME}' or '${NAME:-default}'; "
                    + "write '$$' for a plain dollar sign")
        }
        result.isSubstituted = true
        result.isChanged = true
        let value = environment.value(name)
        if rest.isEmpty {
            guard let value else {
                throw Failure(
                    message: "the environment variable \(Quoting.shown(name)) is not set; set it, "
                        + "or write a default: ${\(Quoting.shown(name)):-default}")
            }
            result.text += value
            result.isFromEnvironment = true
            return
        }
        let fallback = rest.dropFirst(2)
        guard !fallback.contains("${") else {
            throw Failure(message: "the default of '${\(Quoting.shown(name)):-...}' may not hold another '${'")
        }
        if let value, !value.isEmpty {
            result.text += value
            result.isFromEnvironment = true
        } else {
            result.text += fallback
        }
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}
