/// Names that must be unique.
extension ConfigurationCheck {
    func checkNames(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        var plugins = NameTable(what: "plugin")
        for plugin in configuration.plugins { plugins.add(plugin.name, plugin.marks.subtree(at: "name"), &sink) }
        var keys = NameTable(what: "key")
        for key in configuration.keys { keys.add(key.name, key.marks.subtree(at: "name"), &sink) }
        // A plugin's hook is known by the plugin's name; that it is there twice has words of its own.
        var hooks = NameTable(what: "hook")
        var plugged: Set<String> = []
        for hook in configuration.hooks {
            if let plugin = hook.plugin {
                guard plugged.insert(plugin).inserted else { continue }
                hooks.add(plugin, hook.marks.subtree(at: "plugin"), &sink)
            } else {
                hooks.add(hook.name ?? "", hook.marks.subtree(at: "name"), &sink)
            }
        }
        var tools = NameTable(what: "tool")
        for tool in configuration.tools {
            tools.add(tool.name ?? "", tool.marks.subtree(at: "name"), &sink)
            for name in tool.locatedTools ?? [] { tools.add(name.value, name.tree, &sink) }
        }
        // Names of models and their aliases are one space: it is what a client may ask for.
        var models = NameTable(what: "model")
        for model in configuration.models { models.add(model.name, model.marks.subtree(at: "name"), &sink) }
        for alias in configuration.models.flatMap(\.locatedAliases) { models.add(alias.value, alias.tree, &sink) }
    }
}
