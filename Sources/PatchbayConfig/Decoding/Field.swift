/// One key of a mapping: its name and where its value goes.
struct Field<Root>: Sendable {
    let name: String
    let isRequired: Bool
    /// Reads the value into `root`; the mark is the key's.
    let read:
        @Sendable (
            _ root: inout Root, _ node: YAMLNode, _ keyMark: SourceMark, _ path: String, _ sink: inout DiagnosticSink
        )
            -> Void

    init<Value>(
        _ name: String, _ target: any WritableKeyPath<Root, Value> & Sendable, _ kind: Kind<Value>,
        isRequired: Bool = false
    ) {
        self.name = name
        self.isRequired = isRequired
        read = { root, node, _, path, sink in
            if kind.isAbsentWhenNull && node.isNull { return }
            if let value = kind.read(node, path, &sink) { root[keyPath: target] = value }
        }
    }

    /// The same for a target that is nil when the key is absent.
    init<Value>(
        _ name: String, _ target: any WritableKeyPath<Root, Value?> & Sendable, _ kind: Kind<Value>,
        isRequired: Bool = false
    ) {
        self.init(name, target, kind.map { Optional($0) }, isRequired: isRequired)
    }

    private init(
        name: String,
        read: @escaping @Sendable (inout Root, YAMLNode, SourceMark, String, inout DiagnosticSink) -> Void
    ) {
        self.name = name
        isRequired = false
        self.read = read
    }

    /// A key of the contract that this version can't honour: named and refused, never ignored.
    static func unavailable(_ name: String, advice: String = "") -> Field {
        Field(name: name) { _, _, keyMark, path, sink in
            let words = "\(path) is not available in this version of patchbay"
            sink.error(keyMark, advice.isEmpty ? words : words + "; " + advice)
        }
    }
}
