extension ForeignFunctionConfiguration {
    static let schema = Schema(
        make: { ForeignFunctionConfiguration() },
        fields: [
            Field("library", \.library, .foreignLibrary, isRequired: true),
            Field("symbol", \.symbol, .symbol, isRequired: true),
            Field("trust", \.isTrusted, .choice([("in_process", true)])),
            Field("args", \.arguments, .list(of: ForeignArgumentConfiguration.schema.kind)),
            Field("returns", \.returns, ForeignReturnConfiguration.kind, isRequired: true),
            Field("threads", \.threads, .integer(in: 1...64)),
        ],
        finish: { function, node, path, sink in
            function.marks = MarkTree(node)
            function.path = path
            if !function.marks.has("trust") {
                sink.error(
                    node.mark,
                    "\(path) needs 'trust: in_process'; the worker process that keeps a C function apart from the server is not available in this version of patchbay, and a wrong signature corrupts the server's memory: write it for a library and a signature that you trust"
                )
            }
            function.check(&sink)
        })
}

extension Kind where Value == String {
    /// What the dynamic linker is asked for.
    static var foreignLibrary: Kind {
        text.checked { name, _ in
            if name.utf8.count > 4096 { return "must have at most 4096 bytes" }
            return name.contains("/") && !name.hasPrefix("/")
                ? "must be a library's name, such as libz.so.1, or an absolute path" : nil
        }
    }
}
