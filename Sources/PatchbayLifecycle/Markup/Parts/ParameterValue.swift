import PatchbayJSON

/// A parameter's value up to its closing mark, as JSON. A string is passed on as it comes; what may be anything else is
/// held until it is whole.
struct ParameterValue {
    private let closer: MarkupMark
    private let trimsLines: Bool
    private let kind: MarkupTools.Parameter
    private var isFirst = true
    /// What can't be passed on yet; nil once the value is passed on as a string.
    private var held: [UInt8]? = []

    init(kind: MarkupTools.Parameter, closer: MarkupMark, trimsLines: Bool) {
        self.kind = kind
        self.closer = closer
        self.trimsLines = trimsLines
    }

    /// True: it has ended.
    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> Bool {
        if isFirst, trimsLines {
            guard let byte = input.next else { return false }
            if byte == UInt8(ascii: "\n") { input.position += 1 }
        }
        isFirst = false
        let (border, isWhole) = findCloser(input)
        var end = border
        if trimsLines, end > input.position, input.bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
        take(input.bytes[input.position..<end], &calls)
        input.position = end
        if isWhole {
            input.position = border + closer.bytes.count
            finish(&calls)
        }
        input.settle()
        return isWhole
    }

    /// The markup ends inside the value.
    mutating func cut(_ calls: inout MarkupCalls) {
        becomeString(&calls)
    }

    /// Where the closing mark begins, or may begin.
    private func findCloser(_ input: MarkupInput) -> (place: Int, isWhole: Bool) {
        let span = input.bytes.span
        let lead = closer.bytes[0]
        var place = input.position
        while place < span.count {
            if span[place] == lead {
                switch input.match(closer, at: place) {
                case .whole: return (place, true)
                case .part: return (place, false)
                case .none: break
                }
            }
            place += 1
        }
        return (place, false)
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ calls: inout MarkupCalls) {
        guard held != nil else {
            Self.appendEscaped(bytes, &calls)
            return
        }
        held?.append(contentsOf: bytes)
        let limit =
            switch kind {
            case .string: -1
            case .nullableString: 8
            case .other: MarkupLimits.held
            }
        if let held, held.count > limit { becomeString(&calls) }
    }

    private mutating func becomeString(_ calls: inout MarkupCalls) {
        guard let bytes = held else { return }
        held = nil
        calls.append([UInt8(ascii: "\"")])
        Self.appendEscaped(bytes[...], &calls)
    }

    private mutating func finish(_ calls: inout MarkupCalls) {
        if let held, kind != .string, let json = Self.json(held, isNullable: kind == .nullableString) {
            calls.append(json)
        } else {
            becomeString(&calls)
            calls.append([UInt8(ascii: "\"")])
        }
    }

    /// The text as the JSON value that it is; nil: it is a string.
    private static func json(_ bytes: [UInt8], isNullable: Bool) -> [UInt8]? {
        let text = String(decoding: bytes, as: UTF8.self).trimmed
        switch text {
        case "None", "null": return Array("null".utf8)
        case "True" where !isNullable: return Array("true".utf8)
        case "False" where !isNullable: return Array("false".utf8)
        default:
            guard !isNullable, !text.isEmpty, (try? JSONDocument.parse(Array(text.utf8))) != nil else { return nil }
            return Array(text.utf8)
        }
    }

    private static func appendEscaped(_ bytes: ArraySlice<UInt8>, _ calls: inout MarkupCalls) {
        guard !bytes.isEmpty else { return }
        calls.append(JSONWriter.quoted(String(decoding: bytes, as: UTF8.self)).dropFirst().dropLast())
    }
}
