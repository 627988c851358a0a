/// An entry of `plugins:`: one instance of a library.
package struct PluginConfiguration: Sendable {
    package enum Isolation: Sendable {
        /// In this process.
        case none
    }

    /// What models, storage, hooks and tools refer to; unique.
    package var name = ""
    /// As it is in the file.
    package var library = ""
    /// The file that `library` names; nil only when the loader was told not to look for libraries.
    package var libraryPath: String?
    /// The 32 bytes that the library's SHA-256 must be.
    package var sha256: [UInt8]?
    package var isolation = Isolation.none
    /// A JSON object for the plugin. Paths in it stay as they are written: relative to the working directory.
    package var config: [UInt8] = Array("{}".utf8)
    /// The places of the entry's keys and values: `library`, `sha256`, `config.headers.x-foo`.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `plugins[0]`, as diagnostics name it.
    package internal(set) var path = ""

    package init() {}

    /// Where the value that a plugin complains about stands.
    ///
    /// - Parameter path: inside `config`: `base_url`, `headers.x-foo`, `list[2]`. Of a key that is absent: the mapping
    /// that
    ///   it is absent from; without any `config`, the entry.
    package func mark(ofConfig path: String) -> SourceMark {
        marks.mark(at: path.isEmpty ? "config" : "config." + path)
    }

    /// The same for a complaint about the key itself, such as one that the plugin doesn't know.
    package func keyMark(ofConfig path: String) -> SourceMark {
        marks.keyMark(at: path.isEmpty ? "config" : "config." + path)
    }

    /// Whether the value at `path` inside `config` came from the environment, and so must not be printed.
    package func isFromEnvironment(config path: String) -> Bool {
        marks.subtree(at: "config." + path).isFromEnvironment
    }
}
