/// Folders and libraries.
extension ConfigurationCheck {
    /// Joins a relative `plugin_path` to the configuration file's folder, then looks for the libraries.
    func settlePaths(_ configuration: inout Configuration, _ sink: inout DiagnosticSink) {
        let file = configuration.file
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        configuration.pluginPath = configuration.pluginPath?.map { $0.hasPrefix("/") ? $0 : folder + $0 }
        guard options.findsLibraries else { return }
        let folders = configuration.pluginPath ?? options.defaultPluginPath
        for index in configuration.plugins.indices {
            configuration.plugins[index].libraryPath = find(configuration.plugins[index], in: folders, &sink)
        }
    }

    private func find(
        _ plugin: PluginConfiguration, in folders: [String], _ sink: inout DiagnosticSink
    ) -> String? {
        let library = plugin.library
        if library.isEmpty { return nil }
        let isAbsolute = library.hasPrefix("/")
        let candidates = isAbsolute ? [library] : folders.map { ($0.hasSuffix("/") ? $0 : $0 + "/") + library }
        if let path = candidates.first(where: options.isReadableFile) { return path }
        let tree = plugin.marks.subtree(at: "library")
        var words = "\(plugin.path).library \(shown(library, tree)) was not found"
        if !isAbsolute && folders.isEmpty {
            words += "; it is no absolute path and there is no plugin_path to look in"
        } else if !isAbsolute {
            words += " in \(Quoting.list(folders.map(Quoting.shown), "or"))"
            let names = folders.prefix(16).flatMap { SystemAccess.fileNames(in: $0, most: 1000) }
            if !tree.isFromEnvironment { words += Suggestion.hint(for: library, among: names.sorted()) }
        }
        sink.error(tree.mark, words)
        return nil
    }
}
