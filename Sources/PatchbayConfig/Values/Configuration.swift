/// A configuration file that has passed every check that can be made without running a plugin.
package struct Configuration: Sendable {
    /// The path as it was given to the loader.
    package var file = ""
    package var server = ServerConfiguration()
    package var plugins: [PluginConfiguration] = []
    /// Folders that libraries are looked up in, relative ones joined to the configuration file's folder; nil when
    /// absent.
    package var pluginPath: [String]?
    /// In the order of the file.
    package var models: [ModelConfiguration] = []
    /// nil: responses are not kept.
    package var storage: StorageConfiguration?
    package var background = BackgroundConfiguration()
    package var compaction = CompactionConfiguration()
    /// In the order in which requests meet them.
    package var hooks: [HookConfiguration] = []
    package var tools: [ToolConfiguration] = []
    /// Empty: no authentication.
    package var keys: [KeyConfiguration] = []

    package init() {}
}
