/// One entry under `plugins:`.
package struct PluginDescription: Sendable, Hashable {
    /// What the configuration calls it; unique.
    package var name: String
    /// An absolute path, or a path looked for in each folder of the search path.
    package var library: String
    /// The library's SHA-256 in hexadecimal, where the configuration pins it.
    package var sha256: String?
    /// One JSON object.
    package var config: [UInt8]

    package init(name: String, library: String, sha256: String? = nil, config: [UInt8] = Array("{}".utf8)) {
        self.name = name
        self.library = library
        self.sha256 = sha256
        self.config = config
    }
}
