/// Names that must be unique.
extension ConfigurationCheck {
    func checkNames(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        var plugins = NameTable(what: "plugin")
        for plugin in configuration.plugins { plugins.add(plugin.name, plugin.marks.subtree(at: "name"), &sink) }
        var keys = NameTable(what: "key")
        for key in configuration.keys { keys.add(key.name, key.marks.subtree(at: "name"), &sink) }
        var tools = NameTable(what: "tool")
        for tool in configuration.tools { tools.add(tool.name ?? "", tool.marks.subtree(at: "name"), &sink) }
        // Names of models and their aliases are one space: it is what a client may ask for.
        var models = NameTable(what: "model")
        for model in configuration.models { models.add(model.name, model.marks.subtree(at: "name"), &sink) }
        for alias in configuration.models.flatMap(\.locatedAliases) { models.add(alias.value, alias.tree, &sink) }
    }
}
