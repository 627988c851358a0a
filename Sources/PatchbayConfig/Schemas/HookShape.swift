/// An entry of `hooks:`, checked for its shape only: this version runs no hooks.
struct HookShape: Sendable {
    var plugin = ""
    var onError = ""
    var config: [UInt8] = []
    var marks = MarkTree(at: SourceMark(file: "", line: 1, column: 1))
    var path = ""

    static let schema = Schema(
        make: { HookShape() },
        fields: [
            Field("plugin", \.plugin, .name, isRequired: true),
            Field("on_error", \.onError, .choice([("fail_closed", "fail_closed"), ("fail_open", "fail_open")])),
            Field("config", \.config, .json),
        ],
        finish: { hook, node, path, _ in
            hook.marks = MarkTree(node)
            hook.path = path
        })
}
