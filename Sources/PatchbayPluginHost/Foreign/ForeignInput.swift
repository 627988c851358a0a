import PatchbayJSON

/// An argument that has passed its checks.
enum ForeignInput: Sendable {
    case bits(UInt64)
    /// A struct by value, or what a pointer points to; a string with its zero.
    case bytes([UInt8])
    /// What an array of strings points to, each with its zero.
    case texts([[UInt8]])
    case null
}

extension ForeignParameter {
    /// The argument from what the model, or the configuration, gives for it.
    func input(_ value: JSONValue) throws(ForeignRefusal) -> ForeignInput {
        switch type {
        case .scalar(let scalar):
            return .bits(try scalar.bits(of: value, at: name))
        case .structure(let structure):
            return .bytes(try structure.bytes(of: value, at: name))
        case .string, .bytes:
            if value.isNull, !isGiven { return .null }
            guard let text = value.string else {
                throw ForeignRefusal(name, "must be a string, not \(ForeignRefusal.shown(value))")
            }
            return try input(text: text)
        case .array(let element):
            return try input(array: value, of: element)
        case .pointer, .callback:
            return .null
        }
    }

    /// The argument from a text.
    func input(text: String) throws(ForeignRefusal) -> ForeignInput {
        if type == .string { return .bytes(try terminated(text, at: name)) }
        guard let bytes = encoding.decode(text) else { throw ForeignRefusal(name, "must be \(encoding.words)") }
        guard bytes.count <= limit else { throw tooLong(bytes.count, "bytes") }
        return .bytes(bytes)
    }

    private func input(array: JSONValue, of element: ForeignElement) throws(ForeignRefusal) -> ForeignInput {
        guard array.kind == .array else {
            throw ForeignRefusal(name, "must be an array, not \(ForeignRefusal.shown(array))")
        }
        guard array.count <= limit else { throw tooLong(array.count, "elements") }
        switch element {
        case .scalar(let scalar):
            var bytes = [UInt8](repeating: 0, count: array.count * scalar.width)
            for (index, value) in array.elements.enumerated() {
                let bits = try scalar.bits(of: value, at: "\(name)[\(index)]")
                bytes.put(bits, width: scalar.width, at: index * scalar.width)
            }
            return .bytes(bytes)
        case .string:
            var texts: [[UInt8]] = []
            for (index, value) in array.elements.enumerated() {
                guard let text = value.string else {
                    throw ForeignRefusal("\(name)[\(index)]", "must be a string, not \(ForeignRefusal.shown(value))")
                }
                texts.append(try terminated(text, at: "\(name)[\(index)]"))
            }
            return .texts(texts)
        }
    }

    private func terminated(_ text: String, at place: String) throws(ForeignRefusal) -> [UInt8] {
        var bytes = Array(text.utf8)
        guard bytes.count <= limit else { throw tooLong(bytes.count, "bytes") }
        guard !bytes.contains(0) else { throw ForeignRefusal(place, "must not hold the character U+0000") }
        bytes.append(0)
        return bytes
    }

    private func tooLong(_ count: Int, _ unit: String) -> ForeignRefusal {
        ForeignRefusal(name, "has \(count) \(unit), and at most \(limit) are allowed")
    }

    /// How long an input is, in the units of its type.
    func count(of input: ForeignInput) -> Int {
        switch (input, type) {
        case (.bytes(let bytes), .string): bytes.count - 1
        case (.bytes(let bytes), .array(let element)): bytes.count / element.width
        case (.bytes(let bytes), _): bytes.count
        case (.texts(let texts), _): texts.count
        case (.bits, _), (.null, _): 0
        }
    }
}
