/// Events to one tree: a machine with an explicit stack, so that depth costs no recursion.
///
/// Fatal problems (syntax, limits) end the reading; the others (a duplicate key, an unset variable) are collected and
/// the reading goes on.
struct YAMLTreeBuilder {
    private let file: String
    private let environment: ConfigurationEnvironment
    private(set) var sink = DiagnosticSink()
    private var stack: [YAMLFrame] = []
    private var anchors: [String: YAMLSubtree] = [:]
    private var root: YAMLSubtree?
    private var documents = 0
    private var nodes = 0
    private var expandedBytes = 0

    private init(file: String, environment: ConfigurationEnvironment) {
        self.file = file
        self.environment = environment
    }

    /// The file's one document; nil when it holds none, or when `sink` says why there is no tree.
    static func build(
        _ bytes: [UInt8], file: String, environment: ConfigurationEnvironment, _ sink: inout DiagnosticSink
    ) -> YAMLNode? {
        let percent = UInt8(ascii: "%")
        if let line = TextPosition.line(after: YAMLLimits.directives, linesBeginningWith: percent, in: bytes) {
            let mark = SourceMark(file: file, line: line, column: 1)
            sink.error(mark, "more than \(YAMLLimits.directives) lines that begin with '%'")
            return nil
        }
        var builder = YAMLTreeBuilder(file: file, environment: environment)
        builder.sink = sink
        let problem = YAMLEventReader.read(bytes) { builder.take($0) }
        if let problem {
            let mark = SourceMark(file: file, line: problem.line, column: problem.column)
            builder.sink.error(mark, "syntax error: " + problem.message)
        }
        sink = builder.sink
        return problem == nil ? builder.root?.node : nil
    }

    /// - Returns: false when there is no point in reading on.
    private mutating func take(_ event: YAMLEvent) -> Bool {
        let mark = SourceMark(file: file, line: event.line, column: event.column)
        switch event.kind {
        case .other:
            return true
        case .documentStart:
            documents += 1
            return documents == 1 || stop(mark, "a second document begins here; a configuration is one document")
        case .alias(let name):
            guard let anchored = anchors[name] else {
                return stop(mark, "the alias \(Quoting.quote(name)) has no anchor that is complete before it")
            }
            return count(anchored.nodes, depth: stack.count + anchored.height, mark) && place(anchored, at: mark, nil)
        case .scalar(let text, let isPlain):
            guard count(1, depth: stack.count, mark) else { return false }
            return takeScalar(text, isPlain: isPlain, event, mark)
        case .sequenceStart:
            return open(YAMLFrame(isMapping: false, mark: mark, anchor: event.anchor), tag: event.tag, core: "seq")
        case .mappingStart:
            return open(YAMLFrame(isMapping: true, mark: mark, anchor: event.anchor), tag: event.tag, core: "map")
        case .collectionEnd:
            guard let frame = stack.popLast() else { return true }
            return place(frame.closed(&sink), at: frame.mark, frame.anchor)
        }
    }

    /// Whether the next value is a key of the mapping on top.
    private var wantsKey: Bool { stack.last?.wantsKey ?? false }

    private mutating func stop(_ mark: SourceMark, _ message: String) -> Bool {
        sink.error(mark, message)
        root = nil
        return false
    }

    private mutating func count(_ added: Int, depth: Int, _ mark: SourceMark) -> Bool {
        guard depth <= YAMLLimits.depth else {
            return stop(mark, "mappings and lists are nested more than \(YAMLLimits.depth) deep")
        }
        nodes += added
        guard nodes <= YAMLLimits.nodes else {
            return stop(mark, "more than \(YAMLLimits.nodes) keys and values, aliases followed")
        }
        return true
    }

    private mutating func open(_ frame: YAMLFrame, tag: String?, core: String) -> Bool {
        if let tag, tag != "!", tag != YAMLTag.core + core {
            sink.error(frame.mark, YAMLTag.refusal(tag))
        }
        // A collection that stands where a key does.
        if wantsKey {
            return stop(frame.mark, "a key must be text, not a mapping or a list")
        }
        guard count(1, depth: stack.count + 1, frame.mark) else { return false }
        stack.append(frame)
        return true
    }

    private mutating func takeScalar(_ text: String, isPlain: Bool, _ event: YAMLEvent, _ mark: SourceMark) -> Bool {
        if wantsKey {
            if isPlain && text.isEmpty { sink.error(mark, "a key is missing before ':'") }
            if text.contains("${") { sink.error(mark, "'${...}' is replaced in values, not in keys") }
            if let anchor = event.anchor {
                let scalar = YAMLScalar(text: text, isPlain: isPlain)
                anchors[anchor] = YAMLSubtree(node: YAMLNode(content: .scalar(scalar), mark: mark), nodes: 1, height: 0)
            }
            stack[stack.count - 1].takeKey(text, isMerge: isPlain && text == "<<", mark, &sink)
            return true
        }
        let scalar = expanded(text, isPlain: isPlain, tag: event.tag, mark)
        let node = YAMLNode(content: .scalar(scalar), mark: mark)
        return place(YAMLSubtree(node: node, nodes: 1, height: 0), at: mark, event.anchor)
    }

    private mutating func expanded(_ text: String, isPlain: Bool, tag: String?, _ mark: SourceMark) -> YAMLScalar {
        do throws(EnvironmentExpansion.Failure) {
            let result = try EnvironmentExpansion.expand(text, environment)
            let before = expandedBytes
            if result.isSubstituted { expandedBytes += result.text.utf8.count }
            guard expandedBytes <= YAMLLimits.expandedTotal else {
                // Said once, where the limit is passed.
                if before > YAMLLimits.expandedTotal { return YAMLScalar(text: "", isPlain: false, isBroken: true) }
                throw EnvironmentExpansion.Failure(
                    message: "all values with '${...}' together have more than \(YAMLLimits.expandedTotal) bytes")
            }
            if let problem = YAMLTag.problem(tag, text: text) {
                sink.error(mark, problem)
                return YAMLScalar(text: "", isPlain: false, isBroken: true)
            }
            return YAMLScalar(
                text: result.text, isPlain: YAMLTag.isTypedByText(tag, isPlain: isPlain) && !result.isChanged,
                isSubstituted: result.isSubstituted, isFromEnvironment: result.isFromEnvironment)
        } catch {
            sink.error(mark, error.message)
            return YAMLScalar(text: "", isPlain: false, isBroken: true)
        }
    }

    /// Puts a finished value where it belongs: into the frame on top, or at the root.
    private mutating func place(_ subtree: YAMLSubtree, at mark: SourceMark, _ anchor: String?) -> Bool {
        if let anchor { anchors[anchor] = subtree }
        guard !stack.isEmpty else {
            root = subtree
            return true
        }
        guard wantsKey else {
            stack[stack.count - 1].takeValue(subtree, &sink)
            return true
        }
        // Only an alias can stand here.
        guard case .scalar(let scalar) = subtree.node.content else {
            return stop(mark, "a key must be text, not a mapping or a list")
        }
        if scalar.isSubstituted { sink.error(mark, "'${...}' is replaced in values, not in keys") }
        stack[stack.count - 1].takeKey(scalar.isSubstituted ? "" : scalar.text, isMerge: false, mark, &sink)
        return true
    }
}
