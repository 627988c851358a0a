extension HookConfiguration {
    static let schema = Schema(
        make: { HookConfiguration() },
        fields: [
            Field("plugin", \.plugin, .name),
            Field("name", \.name, .name),
            Field("points", \.points, .list(of: .hookPoint, whenEmpty: "must not be empty, the hook would do nothing")),
            Field("on_error", \.onError, .choice([("fail_closed", .failClosed), ("fail_open", .failOpen)])),
            Field("budget", \.budget, .duration(from: "1ms", to: "1h")),
            Field("config", \.config, .json),
            Field("ffi", \.ffi, ForeignFunctionConfiguration.schema.kind),
        ],
        finish: { hook, node, path, sink in
            hook.marks = MarkTree(node)
            hook.path = path
            hook.checkKind(node, &sink)
            hook.ffi?.checkHook(points: hook.points, hook.marks, path, &sink)
        })

    /// A plugin or a C function, and nothing of the other.
    private func checkKind(_ node: YAMLNode, _ sink: inout DiagnosticSink) {
        if marks.has("plugin") {
            for key in ["name", "points", "ffi"] where marks.has(key) {
                sink.error(
                    marks.keyMark(at: key), "\(path).\(key) is for a C function, and \(path) names a plugin")
            }
            return
        }
        if marks.has("config") {
            sink.error(marks.keyMark(at: "config"), "\(path).config is for a plugin, and \(path) names none")
        }
        if !["name", "points", "ffi"].allSatisfy(marks.has) {
            sink.error(node.mark, "\(path) needs the key 'plugin', or the keys 'name', 'points' and 'ffi'")
        }
    }
}

extension Kind where Value == HookPointName {
    static var hookPoint: Kind {
        .choice(HookPointName.allCases.map { ($0.rawValue, $0) })
    }
}
