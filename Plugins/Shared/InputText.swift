/// Content that must be text: a string, or parts that all are. What the assistant refused with is what it said.
enum InputText {
    /// The texts as the inside of one JSON string, escapes and all, so that putting pieces together neither unescapes
    /// nor escapes a byte. `separator` too is an inside.
    static func joined(
        _ content: JSONValue?, _ path: ItemPath, separator: StaticString = "", _ leftOut: inout LeftOut
    ) throws(Failure) -> [UInt8] {
        guard let content = content?.present else { return [] }
        if let text = content.inside { return Array(text) }
        guard let parts = content.array else { throw .invalid(path.text(), "must be a string or an array of parts") }
        var joined: [UInt8] = []
        for (index, part) in parts.enumerated() {
            let path = path.part(index)
            leftOut.mark(of: part)
            switch try InputPart(part, path) {
            case .text(let text), .refusal(let text):
                if index > 0 { joined.append(separator) }
                joined += text.inside ?? []
            default: throw InputPart.unsupported(part, path)
            }
        }
        return joined
    }

    /// `instructions` and the system messages that the input begins with, as the inside of one JSON string, and how
    /// many items those are: many models know one such text, and only in front.
    static func leading(_ request: JSONValue, _ leftOut: inout LeftOut) throws(Failure) -> (
        text: [UInt8], items: Int
    ) {
        var texts: [ArraySlice<UInt8>] = []
        if let instructions = request["instructions"]?.inside, !instructions.isEmpty { texts.append(instructions) }
        var count = 0
        for item in (request["input"] ?? request).elements {
            guard item["role"]?.stringEquals("system") == true || item["role"]?.stringEquals("developer") == true,
                item["type"]?.stringEquals("message") != false
            else { break }
            leftOut.mark(of: item)
            if item["name"]?.present != nil { leftOut.hint("name of a system message") }
            let path = ItemPath(item: count, field: "content")
            texts.append(try joined(item["content"], path, &leftOut)[...])
            count += 1
        }
        let blankLine: [UInt8] = Array("\\n\\n".utf8)
        return ([UInt8](texts.joined(separator: blankLine)), count)
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
