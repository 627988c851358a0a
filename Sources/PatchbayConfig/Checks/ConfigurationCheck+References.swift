/// Names that refer to an entry of `plugins:`.
extension ConfigurationCheck {
    func checkReferences(_ configuration: inout Configuration, _ sink: inout DiagnosticSink) {
        let plugins = DeclaredPlugins(configuration.plugins)
        for model in configuration.models {
            check(model.provider, "\(model.path).provider", model.marks.subtree(at: "provider"), plugins, &sink)
        }
        checkFallbacks(configuration.models, &sink)
        checkOfferedTools(configuration, &sink)
        for hook in configuration.hooks {
            check(hook.plugin ?? "", "\(hook.path).plugin", hook.marks.subtree(at: "plugin"), plugins, &sink)
        }
        for tool in configuration.tools {
            check(tool.plugin ?? "", "\(tool.path).plugin", tool.marks.subtree(at: "plugin"), plugins, &sink)
        }
        checkSummariser(configuration, &sink)
        guard let storage = configuration.storage else { return }
        if storage.plugin == "none" {
            configuration.storage = nil
            for key in ["retention", "durability", "limits"] where storage.marks.has(key) {
                sink.warning(
                    storage.marks.keyMark(at: key), "storage.\(key) has no effect: storage.plugin is none")
            }
        } else {
            check(storage.plugin, "storage.plugin", storage.marks.subtree(at: "plugin"), plugins, &sink)
            checkHandedDown(storage, configuration.plugins, &sink)
        }
    }

    /// Each fallback is a model's name or alias, or matches a pattern, and isn't the entry itself.
    private func checkFallbacks(_ models: [ModelConfiguration], _ sink: inout DiagnosticSink) {
        let names = Set(models.flatMap { [$0.name] + $0.aliases })
        let patterns = models.compactMap(\.pattern)
        for model in models {
            for (index, fallback) in model.locatedFallbacks.enumerated() where !fallback.value.isEmpty {
                let name = fallback.value
                let path = "\(model.path).fallbacks[\(index)]"
                if name == model.name || model.aliases.contains(name) {
                    sink.error(fallback.tree.mark, "\(path) is the model itself")
                } else if !names.contains(name), !patterns.contains(where: { $0.matches(name) }) {
                    sink.error(fallback.tree.mark, "\(path) \(shown(name, fallback.tree)) is no model's name")
                }
            }
        }
    }

    /// Each tool that a model is offered is one of `tools:`. Where an entry there takes all of a plugin's, only the
    /// server's start tells.
    private func checkOfferedTools(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        guard configuration.tools.allSatisfy({ $0.name != nil || $0.tools != nil }) else { return }
        let names = Set(configuration.tools.flatMap { $0.tools ?? $0.name.map { [$0] } ?? [] })
        for model in configuration.models {
            for (index, tool) in (model.locatedTools ?? []).enumerated()
            where !tool.value.isEmpty && !names.contains(tool.value) {
                sink.error(
                    tool.tree.mark,
                    "\(model.path).tools[\(index)] \(shown(tool.value, tool.tree)) is no tool of tools:")
            }
        }
    }

    /// What the store is handed down must not be in its `config` as well: one of the two would be without effect.
    private func checkHandedDown(
        _ storage: StorageConfiguration, _ plugins: [PluginConfiguration], _ sink: inout DiagnosticSink
    ) {
        let key = "max_bytes_per_owner"
        guard storage.retention.maxBytesPerOwner != nil,
            let plugin = plugins.first(where: { $0.name == storage.plugin }),
            plugin.marks.subtree(at: "config").has(key)
        else { return }
        sink.error(
            storage.marks.keyMark(at: "retention.\(key)"),
            "storage.retention.\(key) is set in \(plugin.path).config too; keep one of them")
    }

    /// `compaction.model` is a model that is served, by its name, an alias or a pattern.
    private func checkSummariser(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        guard let name = configuration.compaction.model else { return }
        let served = configuration.models.flatMap { [$0.name] + $0.aliases }
        let isServed = served.contains { $0 == name || ModelPattern($0)?.matches(name) == true }
        guard !isServed else { return }
        let tree = configuration.compaction.marks.subtree(at: "model")
        sink.error(tree.mark, "compaction.model \(shown(name, tree)) is not declared under models")
    }

    private func check(
        _ name: String, _ path: String, _ tree: MarkTree, _ plugins: DeclaredPlugins,
        _ sink: inout DiagnosticSink
    ) {
        // The empty name is one that could not be read.
        if name.isEmpty || plugins.all.contains(name) { return }
        let advice = sink.isFull ? "" : plugins.advice(for: name, isShown: !tree.isFromEnvironment)
        sink.error(tree.mark, "\(path) \(shown(name, tree)) is not declared under plugins\(advice)")
    }
}
