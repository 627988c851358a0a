import Testing

/// A YAML text and exactly the errors that it gives, `line:column: message`.
struct Case: Sendable, CustomTestStringConvertible {
    let yaml: String
    let errors: [String]

    init(_ yaml: String, _ errors: String...) {
        self.yaml = yaml
        self.errors = errors
    }

    var testDescription: String { errors.first ?? yaml }
}
