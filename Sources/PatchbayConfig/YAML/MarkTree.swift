/// The places of a value and of everything inside it, without the values: what a diagnostic that comes later (a
/// plugin's complaint about its `config`) is given its line and column by.
package struct MarkTree: Sendable {
    private indirect enum Children: Sendable {
        case none
        case list([MarkTree])
        case keys([String: Child])
    }

    private struct Child: Sendable {
        let keyMark: SourceMark
        let tree: MarkTree
    }

    /// Where the value begins.
    package let mark: SourceMark
    /// Some of this value (a scalar) came from the environment: print neither it nor a part of it.
    package let isFromEnvironment: Bool
    private let isNull: Bool
    private let children: Children

    init(_ node: YAMLNode) {
        mark = node.mark
        isNull = node.isNull
        switch node.content {
        case .scalar(let scalar):
            isFromEnvironment = scalar.isFromEnvironment
            children = .none
        case .sequence(let elements):
            isFromEnvironment = false
            children = .list(elements.map { MarkTree($0) })
        case .mapping(let entries):
            isFromEnvironment = false
            let pairs = entries.map { ($0.key, Child(keyMark: $0.keyMark, tree: MarkTree($0.value))) }
            children = .keys(Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// A place without a value: where something was expected.
    package init(at mark: SourceMark) {
        self.mark = mark
        isFromEnvironment = false
        isNull = true
        children = .none
    }

    /// Where the value at `path` begins; see `subtree(at:)` for paths. Of a path that isn't there: the nearest that is.
    package func mark(at path: String) -> SourceMark {
        find(path[...]).tree.mark
    }

    /// Where the *key* of the value at `path` begins: for what is wrong with a name rather than with its value. The
    /// value's own place in a list, and for the empty path.
    package func keyMark(at path: String) -> SourceMark {
        let found = find(path[...])
        return found.keyMark ?? found.tree.mark
    }

    /// What is known about the value at `path`, or about the nearest value around it that exists.
    ///
    /// - Parameter path: keys joined by dots, list places in brackets: `base_url`, `headers.x-foo`, `list[2].name`. A
    /// key may
    ///   contain dots itself: the longest key that fits is followed.
    package func subtree(at path: String) -> MarkTree {
        find(path[...]).tree
    }

    /// Whether this is a mapping with such a key whose value is more than nothing.
    package func has(_ key: String) -> Bool {
        guard case .keys(let keys) = children, let child = keys[key] else { return false }
        return !child.tree.isNull
    }

    /// The keys of a mapping, in the order of the file.
    var keys: [String] {
        guard case .keys(let keys) = children else { return [] }
        return keys.sorted { $0.value.keyMark < $1.value.keyMark }.map(\.key)
    }

    /// Whether the first key of `path` (see `subtree(at:)`) is here.
    func leads(to path: String) -> Bool {
        step(along: path[...]) != nil
    }

    private func find(_ path: Substring) -> (tree: MarkTree, keyMark: SourceMark?) {
        var tree = self
        var keyMark: SourceMark?
        var rest = path
        while !rest.isEmpty, let step = tree.step(along: rest) {
            tree = step.tree
            keyMark = step.keyMark
            rest = step.rest
        }
        return (tree, keyMark)
    }

    private func step(along path: Substring) -> (tree: MarkTree, keyMark: SourceMark?, rest: Substring)? {
        switch children {
        case .none:
            return nil
        case .list(let elements):
            guard path.first == "[", let close = path.firstIndex(of: "]") else { return nil }
            let digits = path[path.index(after: path.startIndex)..<close]
            guard let index = Int(digits), elements.indices.contains(index) else { return nil }
            return (elements[index], nil, Self.afterDot(path[path.index(after: close)...]))
        case .keys(let keys):
            var end = path.endIndex
            while true {
                if let child = keys[String(path[..<end])] {
                    return (child.tree, child.keyMark, Self.afterDot(path[end...]))
                }
                guard let shorter = path[..<end].lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
                end = shorter
            }
        }
    }

    private static func afterDot(_ rest: Substring) -> Substring {
        rest.first == "." ? rest.dropFirst() : rest
    }
}
