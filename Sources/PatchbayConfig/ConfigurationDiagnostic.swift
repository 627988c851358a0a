/// One thing that is wrong, or worth saying, about a configuration file.
package struct ConfigurationDiagnostic: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable {
        case error
        case warning
    }

    package let mark: SourceMark
    package let severity: Severity
    /// What was found, what is allowed, what to do; one line, never with a value that came from the environment.
    package let message: String

    package init(mark: SourceMark, severity: Severity = .error, message: String) {
        self.mark = mark
        self.severity = severity
        self.message = message
    }

    package var file: String { mark.file }
    package var line: Int { mark.line }
    package var column: Int { mark.column }

    /// `config.yaml:12:5: error: unknown key 'libary' under plugins[0]; did you mean 'library'?`
    package var description: String {
        "\(mark.file):\(mark.line):\(mark.column): \(severity.rawValue): \(message)"
    }
}
