/// An entry of `hooks:`: who looks at requests and may change them. Either a plugin (`plugin`), or a C function (`name`,
/// `points` and `ffi`).
package struct HookConfiguration: Sendable {
    package enum OnError: Sendable {
        /// The request ends with an error when the hook itself fails.
        case failClosed
        /// It goes on without the hook.
        case failOpen
    }

    /// A name under `plugins`; nil for a C function. One entry a plugin.
    package var plugin: String?
    /// What a C function is called in logs and counts; unique among the hooks, plugins included.
    package var name: String?
    /// Where a C function is visited; empty for a plugin, which says so itself.
    package var points: [HookPointName] = []
    package var onError = OnError.failClosed
    /// For each visit.
    package var budget = Duration.seconds(1)
    /// A JSON object, laid over the plugin's own `config`; no key is in both.
    package var config: [UInt8] = Array("{}".utf8)
    /// The places of the entry's keys and values.
    package var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    /// `hooks[0]`, as diagnostics name it.
    package internal(set) var path = ""

    /// The C function.
    package var ffi: ForeignFunctionConfiguration?

    package init() {}

    /// Whether the setting at `path` (as in `PluginConfiguration.mark(ofConfig:)`) is in this entry's `config`.
    package func has(config path: String) -> Bool {
        marks.has("config") && marks.subtree(at: "config").leads(to: path)
    }
}
