extension Configuration {
    static let schema = Schema(
        make: { Configuration() },
        fields: [
            Field("server", \.server, ServerConfiguration.schema.kind),
            Field("plugins", \.plugins, .list(of: PluginConfiguration.schema.kind)),
            Field("plugin_path", \.pluginPath, .list(of: .text)),
            Field("models", \.models, .list(of: ModelConfiguration.schema.kind)),
            Field("storage", \.storage, StorageConfiguration.schema.kind),
            Field("background", \.background, BackgroundConfiguration.schema.kind),
            Field("compaction", \.compaction, CompactionConfiguration.schema.kind),
            .unavailable(
                "hooks", \.hooks, words: "hooks are not available in this version of patchbay",
                shape: .list(of: HookShape.schema.kind)),
            .unavailable(
                "tools", \.tools, words: "tools are not available in this version of patchbay",
                shape: .list(of: ToolShape.schema.kind)),
            Field(
                "keys", \.keys,
                .list(
                    of: KeyConfiguration.schema.kind,
                    whenEmpty: "must not be empty, nobody could log in; leave it out for no authentication")),
        ])
}
