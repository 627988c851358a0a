/// What became of a configuration file.
package enum ConfigurationOutcome: Sendable {
    /// It is in order; the warnings are by position.
    case loaded(Configuration, warnings: [ConfigurationDiagnostic])
    /// It is not: at least one error, with the warnings among them, by position.
    case refused([ConfigurationDiagnostic])

    /// The configuration, unless it was refused.
    package var configuration: Configuration? {
        if case .loaded(let configuration, _) = self { return configuration }
        return nil
    }

    /// Errors and warnings, by position.
    package var diagnostics: [ConfigurationDiagnostic] {
        switch self {
        case .loaded(_, let warnings): warnings
        case .refused(let diagnostics): diagnostics
        }
    }
}
