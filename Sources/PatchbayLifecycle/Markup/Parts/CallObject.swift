import PatchbayJSON

/// Reads one call as a JSON object: `{"name": …, "arguments": {…}}`, its members in any order, `parameters` for
/// `arguments`, the two perhaps inside `"function": {…}`. Arguments are passed on as they come once the name is known.
struct CallObject {
    private enum Step { case open, firstKey, key, colon, value, inValue, next }

    /// Where the object stands alone and may be an ordinary answer in JSON: it is a call only if its function is one
    /// of these, and if it has no member that a call doesn't have. Nil: it is marked as a call.
    private let known: MarkupTools?
    private var step = Step.open
    /// Objects that are open beside the outermost.
    private var nesting = 0
    private var key = ""
    private var name: String?
    private var scanner = JSONScanner()
    private var isStreaming = false
    /// The value of `arguments`, where it can't be passed on yet.
    private var arguments: [UInt8] = []
    private var hasCalled = false

    init(known: MarkupTools?) {
        self.known = known
    }

    private var isArguments: Bool { key == "arguments" || key == "parameters" }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            if step != .inValue { input.skipSpace() }
            guard let byte = input.next else { return .more }
            switch (step, byte) {
            case (.open, UInt8(ascii: "{")):
                input.position += 1
                step = .firstKey
            case (.firstKey, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
                switch input.takeString() {
                case .text(let text): key = text
                case .more: return .more
                case .none: return .malformed
                }
                guard isPossible else { return .malformed }
                step = .colon
            case (.colon, UInt8(ascii: ":")):
                input.position += 1
                step = .value
            case (.value, _):
                if let stop = begin(byte, &input, &calls) { return stop }
            case (.inValue, _):
                if let stop = readValue(&input, &calls) { return stop }
            case (.next, UInt8(ascii: ",")):
                input.position += 1
                step = .key
            case (.next, UInt8(ascii: "}")), (.firstKey, UInt8(ascii: "}")):
                input.position += 1
                step = .next
                if nesting == 0 { return finish(&input, &calls) }
                nesting -= 1
            default:
                return .malformed
            }
        }
    }

    /// Whether a call can have a member of this key.
    private var isPossible: Bool {
        known == nil || isArguments || ["name", "function", "type", "id"].contains(key)
    }

    /// Begins a value. Answers what stops the reading.
    private mutating func begin(_ byte: UInt8, _ input: inout MarkupInput, _ calls: inout MarkupCalls)
        -> MarkupProgress?
    {
        guard JSONScanner.canBegin(with: byte) else { return .malformed }
        if key == "function", byte == UInt8(ascii: "{"), nesting < 2 {
            nesting += 1
            input.position += 1
            step = .firstKey
            return nil
        }
        if key == "name" || (key == "function" && byte == UInt8(ascii: "\"")) {
            guard name == nil else { return .malformed }
            switch input.takeString() {
            case .text(let text): return take(text, &input, &calls)
            case .more: return .more
            case .none: return .malformed
            }
        }
        scanner = JSONScanner()
        step = .inValue
        if isArguments, !hasCalled, byte == UInt8(ascii: "{"), let name {
            isStreaming = true
            hasCalled = true
            calls.begin(name)
        }
        return nil
    }

    private mutating func take(_ text: String, _ input: inout MarkupInput, _ calls: inout MarkupCalls)
        -> MarkupProgress?
    {
        guard !text.isEmpty, known?.has(text) ?? true else { return .malformed }
        name = text
        step = .next
        if !arguments.isEmpty { call(&input, &calls) }
        return nil
    }

    private mutating func readValue(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress? {
        let end = scanner.end(in: input.bytes, from: input.position)
        let piece = input.position..<(end ?? input.bytes.count)
        if isStreaming {
            calls.append(input.bytes[piece])
        } else if isArguments, !hasCalled {
            arguments.append(contentsOf: input.bytes[piece])
        }
        input.position = piece.upperBound
        if isStreaming { input.settle() }
        guard end != nil else { return .more }
        step = .next
        if isStreaming {
            isStreaming = false
            calls.end()
        } else if isArguments, !hasCalled {
            guard let object = Self.object(arguments) else { return .malformed }
            arguments = object
            if name != nil { call(&input, &calls) }
        }
        return nil
    }

    /// The arguments as an object: some models write it as a string, and null for none.
    private static func object(_ json: [UInt8]) -> [UInt8]? {
        switch json.first {
        case UInt8(ascii: "{"):
            return json
        case UInt8(ascii: "\""):
            guard let text = (try? JSONDocument.parse(json))?.root.string else { return nil }
            let inner = Array(text.utf8)
            return (try? JSONDocument.parse(inner))?.root.kind == .object ? inner : nil
        default:
            return json.elementsEqual("null".utf8) ? Array("{}".utf8) : nil
        }
    }

    /// The whole call at once.
    private mutating func call(_ input: inout MarkupInput, _ calls: inout MarkupCalls) {
        guard let name else { return }
        hasCalled = true
        calls.begin(name)
        calls.append(arguments)
        calls.end()
        input.settle()
    }

    private mutating func finish(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        if !hasCalled {
            guard name != nil, known == nil else { return .malformed }
            arguments = Array("{}".utf8)
            call(&input, &calls)
        }
        input.settle()
        return .done
    }
}
