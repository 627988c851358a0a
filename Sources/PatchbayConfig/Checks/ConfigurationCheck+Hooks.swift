/// What hooks and tools have with the plugins that they name.
extension ConfigurationCheck {
    /// A plugin is hooked in once; what its hook is configured with isn't in its own `config` too.
    func checkHooks(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        var lines: [String: Int] = [:]
        for hook in configuration.hooks {
            guard let name = hook.plugin, !name.isEmpty,
                let plugin = configuration.plugins.first(where: { $0.name == name })
            else { continue }
            let tree = hook.marks.subtree(at: "plugin")
            if let line = lines[name] {
                sink.error(
                    tree.mark,
                    "\(hook.path).plugin \(shown(name, tree)) is a hook at line \(line) already; for a second one, add a second entry under plugins"
                )
                continue
            }
            lines[name] = tree.mark.line
            check(hook, over: plugin, configuration, &sink)
        }
    }

    private func check(
        _ hook: HookConfiguration, over plugin: PluginConfiguration, _ configuration: Configuration,
        _ sink: inout DiagnosticSink
    ) {
        // Without a `config`, the nearest is the entry.
        guard hook.marks.has("config") else { return }
        let config = hook.marks.subtree(at: "config")
        let own = plugin.marks.has("config") ? Set(plugin.marks.subtree(at: "config").keys) : []
        for key in config.keys where own.contains(key) || isHandedDown(key, plugin.name, configuration) {
            let other = own.contains(key) ? "\(plugin.path).config" : "storage.retention"
            sink.error(
                config.keyMark(at: key),
                "\(KeyPathText.child(hook.path + ".config", key)) is set in \(other) too; keep one of them")
        }
    }

    private func isHandedDown(_ key: String, _ plugin: String, _ configuration: Configuration) -> Bool {
        key == "max_bytes_per_owner" && configuration.storage?.plugin == plugin
            && configuration.storage?.retention.maxBytesPerOwner != nil
    }

    /// No tool is in two entries, as far as that can be seen without asking the plugins for their tools.
    func checkTools(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        var whole: [String: Int] = [:]
        var parts: [String: Int] = [:]
        for tool in configuration.tools {
            guard let plugin = tool.plugin, !plugin.isEmpty else { continue }
            let tree = tool.marks.subtree(at: "plugin")
            if let line = whole[plugin] ?? (tool.tools == nil ? parts[plugin] : nil) {
                sink.error(
                    tree.mark,
                    "\(tool.path).plugin \(shown(plugin, tree)) has its tools at line \(line) already; in two entries, each needs 'tools', the names that it is about"
                )
            }
            if tool.tools == nil { whole[plugin] = tree.mark.line } else { parts[plugin] = tree.mark.line }
        }
    }
}
