/// What a value of the file may be, and how it becomes a value of ours.
struct Kind<Value>: Sendable {
    /// Nothing at all (`key:` with no value) counts as the key being absent.
    var isAbsentWhenNull = false
    /// Reads the value at `path`; on nil, `sink` has been told why.
    let read: @Sendable (_ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> Value?
}

extension Kind {
    /// A kind made of one scalar.
    ///
    /// - Parameters:
    ///   - expected: what is allowed, as the end of "must be ...".
    ///   - isSecret: a diagnostic names the type of what it found, not its text.
    ///   - convert: nil when the scalar isn't such a value.
    static func scalar(
        _ expected: String, isSecret: Bool = false, hint: @escaping @Sendable (YAMLScalar) -> String = { _ in "" },
        _ convert: @escaping @Sendable (YAMLScalar) -> Value?
    ) -> Kind {
        Kind { node, path, sink in
            if case .scalar(let scalar) = node.content {
                if scalar.isBroken { return nil }
                if let value = convert(scalar) { return value }
                let more = scalar.isFromEnvironment ? "" : hint(scalar)
                let found = Found.words(for: node, isSecret: isSecret)
                sink.error(node.mark, "\(path) must be \(expected), found \(found)\(more)")
            } else {
                let found = Found.words(for: node)
                sink.error(node.mark, "\(path) must be \(expected), found \(found)")
            }
            return nil
        }
    }

    func map<Other>(_ convert: @escaping @Sendable (Value) -> Other) -> Kind<Other> {
        Kind<Other>(isAbsentWhenNull: isAbsentWhenNull) { node, path, sink in
            read(node, path, &sink).map(convert)
        }
    }

    /// The same, with one more condition; `problem` gives what follows the path in the diagnostic, or nil.
    func checked(_ problem: @escaping @Sendable (Value, _ isShown: Bool) -> String?) -> Kind {
        Kind(isAbsentWhenNull: isAbsentWhenNull) { node, path, sink in
            guard let value = read(node, path, &sink) else { return nil }
            var isShown = true
            if case .scalar(let scalar) = node.content { isShown = !scalar.isFromEnvironment }
            guard let words = problem(value, isShown) else { return value }
            sink.error(node.mark, "\(path) \(words)")
            return nil
        }
    }

    /// A list of such values. `whenEmpty` refuses an empty one in these words.
    static func list<Element>(of element: Kind<Element>, whenEmpty: String? = nil) -> Kind where Value == [Element] {
        Kind(isAbsentWhenNull: true) { node, path, sink in
            guard case .sequence(let nodes) = node.content else {
                if !node.isBroken { sink.error(node.mark, "\(path) must be a list, found \(Found.words(for: node))") }
                return nil
            }
            if nodes.isEmpty, let whenEmpty {
                sink.error(node.mark, "\(path) \(whenEmpty)")
                return nil
            }
            return nodes.enumerated().compactMap { index, node in
                element.read(node, KeyPathText.element(path, index), &sink)
            }
        }
    }
}
