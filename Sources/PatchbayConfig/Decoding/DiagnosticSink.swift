/// Collects what is wrong with a file, so that all of it is shown at once.
struct DiagnosticSink {
    /// The most errors that are shown of one file, and the most warnings.
    static let most = 100

    private var found: [ConfigurationDiagnostic] = []
    private var seen: Set<ConfigurationDiagnostic> = []
    private var unshown = 0
    private var errors = 0
    private var warnings = 0

    /// No more words will be shown: a costly hint need not be made.
    var isFull: Bool { errors >= Self.most }

    var hasErrors: Bool { errors > 0 }

    mutating func error(_ mark: SourceMark, _ message: String) {
        if add(ConfigurationDiagnostic(mark: mark, message: message), after: errors) { errors += 1 }
    }

    mutating func warning(_ mark: SourceMark, _ message: String) {
        let warning = ConfigurationDiagnostic(mark: mark, severity: .warning, message: message)
        if add(warning, after: warnings) { warnings += 1 }
    }

    /// An alias makes the same text be read more than once; the same words about the same place are said once.
    private mutating func add(_ diagnostic: ConfigurationDiagnostic, after count: Int) -> Bool {
        guard !seen.contains(diagnostic) else { return false }
        guard count < Self.most else {
            unshown += 1
            return false
        }
        seen.insert(diagnostic)
        found.append(diagnostic)
        return true
    }

    /// Everything found, by position; what stands at one position stays in the order of finding.
    var sorted: [ConfigurationDiagnostic] {
        let numbered = found.enumerated().sorted { left, right in
            left.element.mark == right.element.mark
                ? left.offset < right.offset : left.element.mark < right.element.mark
        }
        var list = numbered.map(\.element)
        if unshown > 0, let last = list.last {
            list.append(
                ConfigurationDiagnostic(
                    mark: last.mark, severity: hasErrors ? .error : .warning,
                    message: "too many problems; \(unshown) more are not shown"))
        }
        return list
    }
}
