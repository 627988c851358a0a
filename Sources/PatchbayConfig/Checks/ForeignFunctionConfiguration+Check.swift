/// What the arguments and the result of a C function have with one another.
extension ForeignFunctionConfiguration {
    /// libffi has no bound of its own.
    static let mostArguments = 32

    func check(_ sink: inout DiagnosticSink) {
        if arguments.count > Self.mostArguments {
            sink.error(
                marks.mark(at: "args"),
                "\(path).args has \(arguments.count) arguments, and at most \(Self.mostArguments) are allowed")
        }
        checkNames(&sink)
        for argument in arguments { check(argument, &sink) }
        checkReturns(&sink)
    }

    private func checkNames(_ sink: inout DiagnosticSink) {
        var seen: Set<String> = []
        if let name = returns.name, returns.type != nil, returns.type != .pointer { seen.insert(name) }
        for argument in arguments {
            guard let name = argument.name else { continue }
            if !seen.insert(name).inserted {
                sink.error(argument.marks.mark(at: "name"), "\(argument.path).name '\(name)' is there already")
            }
        }
    }

    private func check(_ argument: ForeignArgumentConfiguration, _ sink: inout DiagnosticSink) {
        if let name = argument.lengthOf {
            let mark = argument.marks.mark(at: "length_of")
            let isResult = argument.isOut && name == returns.name && returns.type == .bytes
            if isResult { return }
            guard let other = other(name, "\(argument.path).length_of", mark, &sink) else { return }
            if !other.type.hasLength {
                sink.error(mark, "\(argument.path).length_of '\(name)' is \(other.type.words), which has no length")
            } else if argument.isOut, !other.isTold {
                sink.error(
                    mark,
                    "\(argument.path).length_of '\(name)' isn't written: with 'out', it needs 'out' or 'in_out' too")
            }
        }
        if let name = argument.compare {
            let mark = argument.marks.mark(at: "compare")
            guard let other = other(name, "\(argument.path).compare", mark, &sink) else { return }
            switch other.type {
            case .numbers, .strings: break
            default: sink.error(mark, "\(argument.path).compare '\(name)' is \(other.type.words), and not an array")
            }
        }
        if let name = argument.size?.of {
            let mark = argument.marks.mark(at: "size.of")
            guard let other = other(name, "\(argument.path).size.of", mark, &sink) else { return }
            if other.direction == .output || !(other.type.hasLength || other.type.isInteger) {
                sink.error(mark, "\(argument.path).size.of '\(name)' has no value or length before the call")
            }
        }
    }

    private func checkReturns(_ sink: inout DiagnosticSink) {
        let result = returns
        func complain(_ key: String, _ words: String) {
            sink.error(result.marks.keyMark(at: key), "\(result.path).\(key) \(words)")
        }
        let isInteger = result.type?.isInteger == true
        switch result.type {
        case .callback, .numbers, .strings:
            let mark = result.marks.has("type") ? result.marks.mark(at: "type") : result.marks.mark
            sink.error(mark, "\(result.path) can't be \(result.type?.words ?? "")")
        case .bytes:
            let hasLength = arguments.contains { $0.isOut && $0.lengthOf != nil && $0.lengthOf == result.name }
            if !hasLength {
                sink.error(
                    result.marks.mark,
                    "\(result.path) is bytes, and needs an argument with 'length_of: \(result.name ?? "result")' and 'out: true' that says how many"
                )
            }
        default: break
        }
        if result.ok != nil, !isInteger, result.type != .pointer {
            complain("ok", "needs an integer or a pointer for a status")
        }
        if result.errorText != nil, result.ok == nil { complain("error_text", "is for a status, which needs 'ok'") }
        if result.errorText != nil, result.ok != nil, !isInteger {
            complain("error_text", "needs an integer for a status")
        }
        if result.error != nil, result.ok == nil { complain("error", "is for a status, which needs 'ok'") }
        if result.error != nil, result.errorText != nil { complain("error", "can't be with 'error_text'") }
        if let name = result.lengthOf {
            if !isInteger { complain("length_of", "needs an integer for a length") }
            let mark = result.marks.mark(at: "length_of")
            if let other = other(name, "\(result.path).length_of", mark, &sink), !other.isTold || !other.type.hasLength
            {
                sink.error(mark, "\(result.path).length_of '\(name)' isn't written by the function")
            }
        }
        let isText = result.type == .string || result.type == .bytes
        if result.release != nil, !isText { complain("free", "is for a string or bytes") }
        if result.max != nil, !isText { complain("max", "is for a string or bytes") }
        if result.marks.has("encoding"), result.type != .bytes { complain("encoding", "is for bytes") }
        if result.ownName != nil, result.type == nil || result.type == .pointer {
            complain("name", "is for what the model is told")
        }
    }

    /// The named argument that another speaks of.
    private func other(
        _ name: String, _ path: String, _ mark: SourceMark, _ sink: inout DiagnosticSink
    ) -> ForeignArgumentConfiguration? {
        let names = arguments.compactMap(\.name)
        if let found = arguments.first(where: { $0.name == name }) { return found }
        let hint = Suggestion.hint(for: name, among: names)
        sink.error(mark, "\(path) \(Quoting.quote(name)) is no argument's name\(hint)")
        return nil
    }
}

extension ForeignFunctionConfiguration {
    /// What a function must be like to be a hook: a text goes in, and a text or a status comes out.
    func checkHook(points: [HookPointName], _ hook: MarkTree, _ hookPath: String, _ sink: inout DiagnosticSink) {
        let allowed: [HookPointName] = [.request, .historyLoaded, .toolResult]
        for (index, point) in points.enumerated() where !allowed.contains(point) {
            sink.error(
                hook.mark(at: "points[\(index)]"),
                "\(hookPath).points[\(index)] can't be \(point.rawValue) for a C function; it sees \(Quoting.list(allowed.map(\.rawValue), "and"))"
            )
        }
        let given = arguments.filter(\.isGiven)
        if given.count != 1 || given[0].direction != .input || (given[0].type != .string && given[0].type != .bytes) {
            sink.error(
                marks.mark(at: "args"),
                "\(path).args must have exactly one argument with a name, a string or bytes: the text")
        }
        var told = arguments.filter(\.isTold).map(\.type)
        if let type = returns.type, type != .pointer, returns.name != nil { told.append(type) }
        let isText = told.count == 1 && (told[0] == .string || told[0] == .bytes)
        if !isText, !told.isEmpty || returns.ok == nil {
            sink.error(
                marks.mark(at: "returns"), "\(path) must give one text, or a status with 'ok', to be a hook")
        }
    }
}
