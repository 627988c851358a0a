/// The rules between the parts of a file, run when every part has been read: references, names used twice, who may
/// connect, where libraries are.
struct ConfigurationCheck {
    /// The places of everything in the file.
    let marks: MarkTree
    let options: LoaderOptions

    init(root: YAMLNode, options: LoaderOptions) {
        marks = MarkTree(root)
        self.options = options
    }

    func run(_ configuration: inout Configuration, _ sink: inout DiagnosticSink) {
        checkNames(configuration, &sink)
        checkReferences(&configuration, &sink)
        checkHooks(configuration, &sink)
        checkTools(configuration, &sink)
        checkSecrets(configuration, &sink)
        settlePaths(&configuration, &sink)
        settleServer(&configuration, &sink)
        warn(configuration, &sink)
    }

    /// A value as a diagnostic may show it.
    func shown(_ text: String, _ tree: MarkTree) -> String {
        tree.isFromEnvironment ? "(from the environment)" : Quoting.quote(text)
    }

    /// `what` is used but will do less than one may think.
    private func warn(_ configuration: Configuration, _ sink: inout DiagnosticSink) {
        if configuration.models.isEmpty {
            sink.warning(marks.mark(at: "models"), "no models are configured: every request will be answered 404")
        }
        // A misspelt reference leaves its plugin unused: not worth a second line.
        if sink.hasErrors { return }
        let used = Set(
            configuration.models.map(\.provider) + configuration.hooks.compactMap(\.plugin)
                + configuration.tools.compactMap(\.plugin) + [configuration.storage?.plugin ?? ""])
        for plugin in configuration.plugins where !plugin.name.isEmpty && !used.contains(plugin.name) {
            let tree = plugin.marks.subtree(at: "name")
            let name = shown(plugin.name, tree)
            sink.warning(tree.mark, "the plugin \(name) is used by no model, no hook, no tool and not by storage")
        }
    }
}
