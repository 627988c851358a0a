extension ToolConfiguration {
    static let schema = Schema(
        make: { ToolConfiguration() },
        fields: [
            Field("plugin", \.plugin, .name),
            Field(
                "tools", \.locatedTools,
                .list(of: Kind<String>.toolName.located, whenEmpty: "must not be empty; leave it out for all of them")),
            Field("name", \.name, .toolName),
            Field("description", \.description, .text),
            Field("approval", \.approval, .choice([("auto", .auto), ("never", .never), ("client", .client)])),
            Field("timeout", \.timeout, .duration(from: "1ms", to: "1h")),
            Field("max_output", \.maxOutput, .size(from: "256B", to: "16MiB")),
            Field("on_error", \.onError, .choice([("continue", .continue), ("fail", .fail)])),
            Field("ffi", \.ffi, ForeignFunctionConfiguration.schema.kind),
        ],
        finish: { tool, node, path, sink in
            tool.marks = MarkTree(node)
            tool.path = path
            tool.tools = tool.locatedTools?.map(\.value)
            tool.checkKind(node, &sink)
        })

    /// A plugin's tools or a C function, and nothing of the other.
    private func checkKind(_ node: YAMLNode, _ sink: inout DiagnosticSink) {
        if marks.has("plugin") {
            for key in ["name", "description", "ffi"] where marks.has(key) {
                sink.error(
                    marks.keyMark(at: key), "\(path).\(key) is for a C function, and \(path) names a plugin")
            }
            return
        }
        if marks.has("tools") {
            sink.error(marks.keyMark(at: "tools"), "\(path).tools are a plugin's, and \(path) names none")
        }
        if !["name", "ffi"].allSatisfy(marks.has) {
            sink.error(node.mark, "\(path) needs the key 'plugin', or the keys 'name' and 'ffi'")
        }
    }
}

extension Kind where Value == String {
    /// What providers take for a function's name.
    static var toolName: Kind {
        text.checked { name, _ in
            let isGood = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            return isGood && name.utf8.count <= 64 ? nil : "must be 1 to 64 of A-Z, a-z, 0-9, _ and -"
        }
    }
}
