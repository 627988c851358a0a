extension PluginConfiguration {
    static let schema = Schema(
        make: { PluginConfiguration() },
        fields: [
            Field("name", \.name, .pluginName, isRequired: true),
            Field("library", \.library, .text, isRequired: true),
            Field("sha256", \.sha256, .sha256),
            Field("isolation", \.isolation, .isolation),
            Field("config", \.config, .json),
            .unavailable("restart"),
            .unavailable("limits"),
            .unavailable("allow"),
        ],
        finish: { plugin, node, path, _ in
            plugin.marks = MarkTree(node)
            plugin.path = path
        })
}

extension Kind where Value == PluginConfiguration.Isolation {
    static var isolation: Kind {
        Kind<String>.choice([("none", "none"), ("process", "process")]).checked { word, _ in
            word == "process" ? "is 'process', which is not available in this version of patchbay; write none" : nil
        }.map { _ in .none }
    }
}

extension Kind where Value == String {
    static var pluginName: Kind {
        name.checked { name, _ in
            name == "none" ? "must not be 'none', which means no plugin under storage" : nil
        }
    }
}
