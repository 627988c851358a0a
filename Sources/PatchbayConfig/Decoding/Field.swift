/// One key of a mapping: its name and where its value goes.
struct Field<Root>: Sendable {
    let name: String
    let isRequired: Bool
    /// Reads the value into `root`; the mark is the key's.
    let read:
        @Sendable (_ root: inout Root, _ node: YAMLNode, _ keyMark: SourceMark, _ path: String, _ sink: inout DiagnosticSink)
            -> Void

    init<Value>(
        _ name: String, _ target: WritableKeyPath<Root, Value> & Sendable, _ kind: Kind<Value>, isRequired: Bool = false
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
        _ name: String, _ target: WritableKeyPath<Root, Value?> & Sendable, _ kind: Kind<Value>, isRequired: Bool = false
    ) {
        self.init(name, target, kind.map { Optional($0) }, isRequired: isRequired)
    }

    private init(name: String, refusal: @escaping @Sendable (_ path: String) -> String) {
        self.name = name
        isRequired = false
        read = { _, _, keyMark, path, sink in sink.error(keyMark, refusal(path)) }
    }

    /// A key of the contract that this version can't honour: named and refused, never ignored.
    static func unavailable(_ name: String, advice: String = "") -> Field {
        Field(name: name) { path in
            "\(path) is not available in this version of patchbay" + (advice.isEmpty ? "" : "; " + advice)
        }
    }

    /// A part of the contract that this version can't honour: its shape is checked, its use refused.
    static func unavailable<Value>(_ name: String, words: String, shape: Kind<[Value]>) -> Field {
        Field(name, words, shape)
    }

    private init<Value>(
        _ name: String, _ words: String, _ shape: Kind<[Value]>
    ) {
        self.name = name
        isRequired = false
        read = { _, node, keyMark, path, sink in
            if node.isNull { return }
            if case .sequence(let elements) = node.content, !elements.isEmpty { sink.error(keyMark, words) }
            _ = shape.read(node, path, &sink)
        }
    }
}
