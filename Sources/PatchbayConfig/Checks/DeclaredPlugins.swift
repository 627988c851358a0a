/// The names under `plugins`, to look references up in and to suggest from.
struct DeclaredPlugins {
    /// The most names that a diagnostic lists.
    private static let mostShown = 20

    let all: Set<String>
    /// Those that a diagnostic may show: the ones that don't come from the environment.
    private let shown: [String]

    init(_ plugins: [PluginConfiguration]) {
        let named = plugins.filter { !$0.name.isEmpty }
        all = Set(named.map(\.name))
        shown = named.filter { !$0.marks.subtree(at: "name").isFromEnvironment }.map(\.name)
    }

    /// What to say after "is not declared": a name that is near, or the names that there are.
    func advice(for name: String, isShown: Bool) -> String {
        let hint = isShown ? Suggestion.hint(for: name, among: shown) : ""
        if !hint.isEmpty || shown.isEmpty { return hint }
        var names = shown.prefix(Self.mostShown).map(Quoting.shown)
        if shown.count > Self.mostShown { names.append("\(shown.count - Self.mostShown) more") }
        return "; declared are \(Quoting.list(names, "and"))"
    }
}
