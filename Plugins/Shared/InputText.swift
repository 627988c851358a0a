/// Content that must be text: a string, or parts that all are. What the assistant refused with is what it said.
enum InputText {
    /// The texts as the inside of one JSON string, escapes and all, so that putting pieces together neither unescapes
    /// nor escapes a byte. `separator` too is an inside.
    static func joined(_ content: JSONValue?, _ path: ItemPath, separator: StaticString) throws(Failure) -> [UInt8] {
        guard let content = content?.present else { return [] }
        if let text = content.inside { return Array(text) }
        guard let parts = content.array else { throw .invalid(path.text(), "must be a string or an array of parts") }
        var joined: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let path = path.part(index)
            switch try InputPart(part, path) {
            case .text(let text), .refusal(let text):
                if index > 0 { joined.append(separator) }
                joined += text.inside ?? []
            default: throw InputPart.unsupported(part, path)
            }
        }
        return joined
    }

    /// The inside of a JSON string as a JSON string.
    static func quoted(_ inside: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(inside.count + 2)
        bytes.append(quote)
        bytes.append(contentsOf: inside)
        bytes.append(quote)
        return bytes
    }
}
