/// Paths as diagnostics name them: `plugins[0].config`, empty at the top.
enum KeyPathText {
    static func child(_ path: String, _ key: String) -> String {
        path.isEmpty ? Quoting.shown(key) : path + "." + Quoting.shown(key)
    }

    static func element(_ path: String, _ index: Int) -> String {
        "\(path)[\(index)]"
    }

    static func under(_ path: String) -> String {
        path.isEmpty ? "at the top level" : "under \(path)"
    }
}
