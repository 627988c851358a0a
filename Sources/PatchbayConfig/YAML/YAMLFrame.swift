/// A mapping or a list that is being read.
struct YAMLFrame {
    let isMapping: Bool
    let mark: SourceMark
    let anchor: String?
    private var elements: [YAMLNode] = []
    private var entries: [YAMLEntry] = []
    /// Keys so far, with their lines; the merge key is counted under a name that no text can have.
    private var lines: [Key: Int] = [:]
    private var pending: PendingKey?
    private var merged: [YAMLNode] = []
    private var nodes = 1
    private var height = 0

    private struct Key: Hashable {
        let text: String
        let isMerge: Bool
    }

    private struct PendingKey {
        let text: String
        let mark: SourceMark
        let isMerge: Bool
        let isDuplicate: Bool
    }

    init(isMapping: Bool, mark: SourceMark, anchor: String?) {
        self.isMapping = isMapping
        self.mark = mark
        self.anchor = anchor
    }

    var wantsKey: Bool { isMapping && pending == nil }

    mutating func takeKey(_ text: String, isMerge: Bool, _ mark: SourceMark, _ sink: inout DiagnosticSink) {
        let key = Key(text: text, isMerge: isMerge)
        let first = lines[key]
        if let first {
            sink.error(mark, "duplicate key \(Quoting.quote(text)); it stands at line \(first) already")
        } else {
            lines[key] = mark.line
        }
        nodes += 1
        pending = PendingKey(text: text, mark: mark, isMerge: isMerge, isDuplicate: first != nil)
    }

    mutating func takeValue(_ subtree: YAMLSubtree, _ sink: inout DiagnosticSink) {
        nodes += subtree.nodes
        height = max(height, subtree.height)
        guard isMapping else {
            elements.append(subtree.node)
            return
        }
        guard let key = pending else { return }
        pending = nil
        if key.isDuplicate { return }
        if key.isMerge {
            merge(subtree.node, key.mark, &sink)
        } else {
            entries.append(YAMLEntry(key: key.text, keyMark: key.mark, value: subtree.node))
        }
    }

    private mutating func merge(_ node: YAMLNode, _ mark: SourceMark, _ sink: inout DiagnosticSink) {
        var sources = [node]
        if case .sequence(let elements) = node.content { sources = elements }
        for source in sources {
            if case .mapping = source.content {
                merged.append(source)
            } else {
                sink.error(mark, "'<<' merges a mapping or a list of mappings; quote it to have a key of this name")
                return
            }
        }
    }

    /// The finished value: the mapping's own keys first, then what it merges, each key from the first that has it.
    func closed(_ sink: inout DiagnosticSink) -> YAMLSubtree {
        guard isMapping else {
            return YAMLSubtree(
                node: YAMLNode(content: .sequence(elements), mark: mark), nodes: nodes, height: height + 1)
        }
        var all = entries
        if !merged.isEmpty {
            var known = Set(entries.map(\.key))
            for source in merged {
                guard case .mapping(let others) = source.content else { continue }
                all += others.filter { known.insert($0.key).inserted }
            }
        }
        return YAMLSubtree(node: YAMLNode(content: .mapping(all), mark: mark), nodes: nodes, height: height + 1)
    }
}
