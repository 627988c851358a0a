/// What an argument of a C function may be by itself; see `ForeignFunctionConfiguration.check` for what it may be with
/// others.
extension ForeignArgumentConfiguration {
    /// Given by the model.
    var isGiven: Bool { name != nil && direction != .output }

    /// Told to the model after the call.
    var isTold: Bool { name != nil && direction != .input }

    mutating func checkRole(_ node: YAMLNode, _ sink: inout DiagnosticSink) {
        let roles = ["name", "value", "length_of", "compare"].filter { hasKey($0, node) }
        guard roles.count == 1 else {
            return sink.error(
                node.mark, "\(path) needs exactly one of 'name', 'value', 'length_of' and 'compare'")
        }
        if isOut, isInOut { complain("in_out", "can't be with 'out'", &sink) }
        for key in ["out", "in_out"] where marks.has(key) {
            let isFine = roles[0] == "name" || (key == "out" && roles[0] == "length_of")
            if !isFine { complain(key, "can't be with '\(roles[0])'", &sink) }
        }
        switch roles[0] {
        case "name": checkNamed(&sink)
        case "value": readConstant(&sink)
        case "length_of":
            if !type.isInteger { complain("type", "must be an integer for a length, found \(type.words)", &sink) }
        default:
            if type != .callback { complain("type", "must be callback with 'compare', found \(type.words)", &sink) }
        }
        if type == .callback, roles[0] != "compare" { complain("type", "callback needs 'compare'", &sink) }
        checkExtras(roles[0], &sink)
    }

    private func checkNamed(_ sink: inout DiagnosticSink) {
        switch (direction, type) {
        case (_, .callback): break
        case (_, .pointer):
            complain("type", "pointer can only be null: write 'value: null'", &sink)
        case (.output, .strings), (.both, .string), (.both, .structure):
            complain("type", "can't be \(type.words) with '\(direction == .both ? "in_out" : "out")'", &sink)
        default: break
        }
    }

    private func checkExtras(_ role: String, _ sink: inout DiagnosticSink) {
        let needsSize = role == "name" && direction == .output && type.hasLength
        if needsSize, !marks.has("size") {
            sink.error(marks.mark, "\(path) needs 'size', the room for what the function writes")
        }
        if !needsSize, marks.has("size") {
            complain("size", "is for what a function writes: bytes, a string or an array with 'out'", &sink)
        }
        if marks.has("encoding"), type != .bytes { complain("encoding", "is for bytes", &sink) }
        if marks.has("max"), role != "name" || !type.hasLength {
            complain("max", "is for named strings, bytes and arrays", &sink)
        }
        if marks.has("order"), role != "compare" { complain("order", "is for 'compare'", &sink) }
        if marks.has("description"), role != "name" || direction == .output {
            complain("description", "is for what the model gives", &sink)
        }
    }

    private func complain(_ key: String, _ words: String, _ sink: inout DiagnosticSink) {
        sink.error(key == "type" ? marks.mark(at: key) : marks.keyMark(at: key), "\(path).\(key) \(words)")
    }

    /// Also where the value is null.
    private func hasKey(_ key: String, _ node: YAMLNode) -> Bool {
        guard case .mapping(let entries) = node.content else { return false }
        return entries.contains { $0.key == key }
    }
}

extension ForeignArgumentConfiguration {
    /// Turns `value` into JSON that fits the type.
    private mutating func readConstant(_ sink: inout DiagnosticSink) {
        guard let node = constant, !node.isBroken else { return }
        let path = "\(path).value"
        switch type {
        case .number(let number): value = number.json(node, path, &sink)
        case .string, .bytes:
            if node.isNull { value = Array("null".utf8) } else { value = json(text: node, path, &sink) }
        case .pointer:
            guard node.isNull else { return sink.error(node.mark, "\(path) must be null for a pointer") }
            value = Array("null".utf8)
        case .numbers(let number):
            value = list(node, path, &sink) { number.json($0, $1, &$2) }
        case .strings:
            value = list(node, path, &sink) { json(text: $0, $1, &$2) }
        case .structure:
            sink.error(node.mark, "\(path) can't be given for a struct")
        case .callback:
            break
        }
    }

    private func json(text node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> [UInt8]? {
        guard case .scalar(let scalar) = node.content, scalar.coreType == .string else {
            sink.error(node.mark, "\(path) must be a string, found \(Found.words(for: node)); write it in quotes")
            return nil
        }
        if type != .bytes, scalar.text.utf8.contains(0) {
            sink.error(node.mark, "\(path) must not hold the character U+0000")
            return nil
        }
        if type == .bytes, !encoding.fits(scalar.text) {
            sink.error(node.mark, "\(path) isn't \(encoding.rawValue)")
            return nil
        }
        return JSONConversion.bytes(of: node, path, &sink)
    }

    private func list(
        _ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink,
        _ json: (YAMLNode, String, inout DiagnosticSink) -> [UInt8]?
    ) -> [UInt8]? {
        guard case .sequence(let elements) = node.content else {
            sink.error(node.mark, "\(path) must be a list, found \(Found.words(for: node))")
            return nil
        }
        var parts: [[UInt8]] = []
        for (index, element) in elements.enumerated() {
            guard let part = json(element, KeyPathText.element(path, index), &sink) else { return nil }
            parts.append(part)
        }
        return Array("[".utf8) + parts.joined(separator: Array(",".utf8)) + Array("]".utf8)
    }
}

extension ForeignNumber {
    /// A scalar as JSON that this type can hold.
    fileprivate func json(_ node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> [UInt8]? {
        if node.isBroken { return nil }
        if case .scalar(let scalar) = node.content {
            switch (self, scalar.wantedType) {
            case (.bool, .bool(let value)): return Array((value ? "true" : "false").utf8)
            case (.float, .integer(let json?)), (.float, .float(let json?)):
                if let value = Float(json), value.isFinite { return Array(json.utf8) }
            case (.double, .integer(let json?)), (.double, .float(let json?)):
                if let value = Double(json), value.isFinite { return Array(json.utf8) }
            case (_, .integer(let json?)) where isInteger:
                if let value = Int128(json), range.contains(value) { return Array(json.utf8) }
            default: break
            }
        }
        let words =
            switch self {
            case .bool: "true or false"
            case .float, .double: "a number that \(rawValue) can hold"
            default: "an integer from \(range.lowerBound) to \(range.upperBound)"
            }
        sink.error(node.mark, "\(path) must be \(words), found \(Found.words(for: node))")
        return nil
    }
}

extension ForeignEncodingName {
    fileprivate func fits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        func isLetter(_ byte: UInt8, _ last: UInt8) -> Bool { (97...last).contains(byte | 0x20) }
        switch self {
        case .text: return true
        case .hex: return bytes.count.isMultiple(of: 2) && bytes.allSatisfy { isDigit($0) || isLetter($0, 102) }
        case .base64:
            let padding = bytes.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
            return bytes.count.isMultiple(of: 4)
                && bytes.dropLast(padding).allSatisfy {
                    isDigit($0) || isLetter($0, 122) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
                }
        }
    }
}
