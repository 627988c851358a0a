/// Names of one kind of thing, which must be unique.
struct NameTable {
    /// `plugin`, `model`, `key`.
    let what: String
    private var lines: [String: Int] = [:]

    init(what: String) {
        self.what = what
    }

    /// Adds a name, or says where it stands already. The empty name is one that could not be read.
    mutating func add(_ name: String, _ tree: MarkTree, _ sink: inout DiagnosticSink) {
        guard !name.isEmpty else { return }
        if let first = lines[name] {
            let shown = tree.isFromEnvironment ? "(from the environment)" : Quoting.quote(name)
            sink.error(tree.mark, "duplicate \(what) name \(shown); it stands at line \(first) already")
        } else {
            lines[name] = tree.mark.line
        }
    }
}
