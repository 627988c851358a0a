/// Reads calls as JSON objects: one, several one after another, or an array of them.
struct CallList {
    private enum Step { case open, object, between }

    private let known: MarkupTools?
    private let takesArray: Bool
    private var step = Step.open
    private var isArray = false
    private var object: CallObject

    /// `known`: see `CallObject`.
    init(known: MarkupTools? = nil, takesArray: Bool = true) {
        self.known = known
        self.takesArray = takesArray
        object = CallObject(known: known)
    }

    mutating func read(_ input: inout MarkupInput, _ calls: inout MarkupCalls) -> MarkupProgress {
        while true {
            switch step {
            case .open:
                input.skipSpace()
                guard let byte = input.next else { return .more }
                isArray = takesArray && byte == UInt8(ascii: "[")
                if isArray { input.position += 1 }
                step = .object
            case .object:
                let progress = object.read(&input, &calls)
                guard case .done = progress else { return progress }
                object = CallObject(known: known)
                step = .between
            case .between:
                if let progress = isArray ? readArray(&input) : lookAhead(&input) { return progress }
                step = .object
            }
        }
    }

    /// What follows an element. Nil: another one.
    private func readArray(_ input: inout MarkupInput) -> MarkupProgress? {
        input.skipSpace()
        switch input.next {
        case nil: return .more
        case UInt8(ascii: ","):
            input.position += 1
            return nil
        case UInt8(ascii: "{"): return nil
        case UInt8(ascii: "]"):
            input.position += 1
            input.settle()
            return .done
        default: return .malformed
        }
    }

    /// Goes to the next object, if one follows: after white space, a comma or a semicolon.
    private func lookAhead(_ input: inout MarkupInput) -> MarkupProgress? {
        var place = input.position
        var hasSeparator = false
        while place < input.bytes.count, place - input.position < 2 * MarkupLimits.space {
            let byte = input.bytes[place]
            if byte == UInt8(ascii: "{") {
                input.position = place
                return nil
            }
            let isSeparator = byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",")
            guard byte.isMarkupSpace || (isSeparator && !hasSeparator) else { return .done }
            hasSeparator = hasSeparator || isSeparator
            place += 1
        }
        return place - input.position < 2 * MarkupLimits.space ? .more : .done
    }
}
