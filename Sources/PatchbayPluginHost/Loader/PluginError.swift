/// Why a plugin can't be used. `description` is one sentence for the operator: which plugin, which library, what is
/// wrong and what to do.
package struct PluginError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// No such file in any of the folders.
        case notFound
        /// The file can't be read, isn't a library for this machine, or the dynamic linker refused it.
        case notLoadable
        /// The file isn't the one that the configuration pins.
        case wrongDigest
        /// No entry point.
        case notAPlugin
        /// It speaks another major version of the ABI.
        case wrongMajor
        /// It needs a newer host.
        case newerMinor
        /// The entry point answered an error.
        case entryFailed
        /// A table breaks the rules of the ABI.
        case malformed
        /// The plugin has no such interface.
        case missingInterface
        /// The plugin refused its configuration.
        case createRefused
        case startFailed
        /// The name isn't under `plugins:`.
        case unknown
    }

    package var plugin: String
    /// The library as the configuration names it.
    package var library: String
    package var kind: Kind
    package var message: String
    /// What was wrong in the plugin's `config`, as a path in it (`headers.x-team`), where the plugin said so.
    package var param: String?

    package init(plugin: String, library: String, kind: Kind, message: String, param: String? = nil) {
        self.plugin = plugin
        self.library = library
        self.kind = kind
        self.message = message
        self.param = param
    }

    package var description: String {
        let place = param.map { ", config.\($0)" } ?? ""
        return "plugin '\(plugin)' (\(library)\(place)): \(message)"
    }
}

/// All that is wrong with the configured plugins, in the configuration's order.
package struct PluginErrors: Error, Sendable, Hashable, CustomStringConvertible {
    package var errors: [PluginError]

    package init(_ errors: [PluginError]) {
        self.errors = errors
    }

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// What is wrong with a library, before it is known for which plugin it was.
struct LibraryFault: Error, Sendable {
    var kind: PluginError.Kind
    var message: String
    var param: String?

    init(_ kind: PluginError.Kind, _ message: String, param: String? = nil) {
        self.kind = kind
        self.message = message
        self.param = param
    }
}
