import PatchbayConfig

/// Why the server can't start: complaints that name their lines in the configuration.
struct StartFailure: Error, CustomStringConvertible {
    let diagnostics: [ConfigurationDiagnostic]

    init(_ diagnostics: [ConfigurationDiagnostic]) {
        self.diagnostics = diagnostics
    }

    var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
