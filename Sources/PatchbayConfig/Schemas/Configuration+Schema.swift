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
            Field("hooks", \.hooks, .list(of: HookConfiguration.schema.kind)),
            Field("tools", \.tools, .list(of: ToolConfiguration.schema.kind)),
            Field(
                "keys", \.keys,
                .list(
                    of: KeyConfiguration.schema.kind,
                    whenEmpty: "must not be empty, nobody could log in; leave it out for no authentication")),
        ])
}
