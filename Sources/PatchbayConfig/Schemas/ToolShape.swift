/// An entry of `tools:`, checked for its shape only: this version runs no tools.
///
/// Either the tools of a plugin (`plugin`, perhaps only those under `tools`), or a C function (`name` and `ffi`).
struct ToolShape: Sendable {
    var plugin: String?
    var tools: [String] = []
    var name: String?
    var description = ""
    var approval = ""
    var ffi: ForeignFunctionShape?
    var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    var path = ""

    static let schema = Schema(
        make: { ToolShape() },
        fields: [
            Field("plugin", \.plugin, .name),
            Field("tools", \.tools, .list(of: .name)),
            Field("name", \.name, .name),
            Field("description", \.description, .text),
            Field("approval", \.approval, .choice([("auto", "auto"), ("never", "never"), ("client", "client")])),
            Field("ffi", \.ffi, ForeignFunctionShape.schema.kind),
        ],
        finish: { tool, node, path, sink in
            tool.marks = MarkTree(node)
            tool.path = path
            guard case .mapping(let entries) = node.content else { return }
            let keys = Set(entries.map(\.key))
            if keys.contains("plugin") {
                for entry in entries where ["name", "description", "ffi"].contains(entry.key) {
                    sink.error(entry.keyMark, "\(path).\(entry.key) is for a C function, and \(path) names a plugin")
                }
            } else if !keys.contains("name") || !keys.contains("ffi") {
                sink.error(node.mark, "\(path) needs the key 'plugin', or the keys 'name' and 'ffi'")
            }
        })
}
