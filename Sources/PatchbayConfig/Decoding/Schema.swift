/// The keys of a mapping, and the rules between them.
///
/// Everything that is wrong is told to the sink; the value that comes back has defaults where something was wrong, and
/// is not used by anybody when there were errors.
struct Schema<Root>: Sendable {
    let make: @Sendable () -> Root
    let fields: [Field<Root>]
    /// Rules over several keys, and marks to keep; run when every key has been read.
    var finish: @Sendable (_ root: inout Root, _ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> Void =
        {
            _, _, _, _ in
        }

    var kind: Kind<Root> {
        Kind(isAbsentWhenNull: true) { node, path, sink in read(node, path, &sink) }
    }

    func read(_ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> Root? {
        guard case .mapping(let entries) = node.content else {
            let place = path.isEmpty ? "the file" : path
            if !node.isBroken { sink.error(node.mark, "\(place) must be a mapping, found \(Found.words(for: node))") }
            return nil
        }
        var root = make()
        for entry in entries {
            if let field = fields.first(where: { $0.name == entry.key }) {
                field.read(&root, entry.value, entry.keyMark, KeyPathText.child(path, entry.key), &sink)
            } else {
                sink.error(entry.keyMark, sink.isFull ? "unknown key" : unknown(entry.key, path))
            }
        }
        for field in fields where field.isRequired && !entries.contains(where: { $0.key == field.name }) {
            sink.error(node.mark, "\(path) needs the key \(Quoting.quote(field.name))")
        }
        finish(&root, node, path, &sink)
        return root
    }

    private func unknown(_ key: String, _ path: String) -> String {
        let names = fields.map(\.name)
        let start = "unknown key \(Quoting.quote(key)) \(KeyPathText.under(path))"
        let hint = Suggestion.hint(for: key, among: names)
        return start + (hint.isEmpty ? "; allowed are \(Quoting.list(names, "and"))" : hint)
    }
}
