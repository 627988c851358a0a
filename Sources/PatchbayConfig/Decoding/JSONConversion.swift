/// YAML to JSON by the core schema: keys stay in their order, quoted and substituted scalars are strings.
enum JSONConversion {
    /// - Returns: nil when `sink` was told of a number that JSON can't hold, or of something reported before.
    static func bytes(of node: YAMLNode, _ path: String, _ sink: inout DiagnosticSink) -> [UInt8]? {
        var output: [UInt8] = []
        return write(node, path, &output, &sink) ? output : nil
    }

    /// Recursion is bounded: the tree is at most `YAMLLimits.depth` deep.
    private static func write(
        _ node: YAMLNode, _ path: String, _ output: inout [UInt8], _ sink: inout DiagnosticSink
    ) -> Bool {
        var isWhole = true
        switch node.content {
        case .scalar(let scalar):
            return write(scalar, node.mark, path, &output, &sink)
        case .sequence(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                if !write(element, KeyPathText.element(path, index), &output, &sink) { isWhole = false }
            }
            output.append(UInt8(ascii: "]"))
        case .mapping(let entries):
            output.append(UInt8(ascii: "{"))
            for (index, entry) in entries.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(entry.key, &output)
                output.append(UInt8(ascii: ":"))
                if !write(entry.value, KeyPathText.child(path, entry.key), &output, &sink) { isWhole = false }
            }
            output.append(UInt8(ascii: "}"))
        }
        return isWhole
    }

    private static func write(
        _ scalar: YAMLScalar, _ mark: SourceMark, _ path: String, _ output: inout [UInt8], _ sink: inout DiagnosticSink
    ) -> Bool {
        if scalar.isBroken { return false }
        switch scalar.coreType {
        case .null: output += Array("null".utf8)
        case .bool(let value): output += Array((value ? "true" : "false").utf8)
        case .integer(let json), .float(let json):
            guard let json else {
                sink.error(mark, "\(path) is a number that JSON can't hold, found \(Quoting.shown(scalar.text))")
                return false
            }
            output += Array(json.utf8)
        case .string: write(scalar.text, &output)
        }
        return true
    }

    private static func write(_ text: String, _ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): output += Array("\\n".utf8)
            case UInt8(ascii: "\r"): output += Array("\\r".utf8)
            case UInt8(ascii: "\t"): output += Array("\\t".utf8)
            case 0..<0x20:
                output += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
