/// Content that must be text: a string, or parts that all are. What the assistant refused with is what it said.
enum InputText {
    /// The texts as the inside of one JSON string, escapes and all, so that putting pieces together neither unescapes
    /// nor escapes a byte. `separator` too is an inside.
    static func joined(
        _ content: JSONValue?, _ path: ItemPath, separator: StaticString = "", _ leftOut: inout LeftOut
    ) throws(Failure) -> [UInt8] {
        var text: [UInt8] = []
        try append(content, to: &text, path, separator: separator, &leftOut)
        return text
    }

    /// As `joined`, behind what `text` holds.
    static func append(
        _ content: JSONValue?, to text: inout [UInt8], _ path: ItemPath, separator: StaticString = "",
        _ leftOut: inout LeftOut
    ) throws(Failure) {
        guard let content = content?.present else { return }
        if let inside = content.inside { return text.append(contentsOf: inside) }
        guard let parts = content.array else { throw .invalid(path.text(), "must be a string or an array of parts") }
        var number = 0
        for part in parts {
            leftOut.mark(of: part)
            guard let inside = try inside(of: part, path, number) else {
                throw InputPart.unsupported(part, path.part(number))
            }
            if number > 0 { text.append(separator) }
            text.append(contentsOf: inside)
            number += 1
        }
    }

    /// The inside of a part's text; nil for a part that has none.
    private static func inside(of part: JSONValue, _ path: ItemPath, _ number: Int) throws(Failure) -> ArraySlice<
        UInt8
    >? {
        if part["type"]?.stringEquals("output_text") == true, let text = part["text"]?.inside { return text }
        switch try InputPart(part, path.part(number)) {
        case .text(let text), .refusal(let text): return text.inside
        default: return nil
        }
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
