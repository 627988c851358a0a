import PatchbayJSON
import PatchbayModel

/// Walks the lines of a stored turn (see `TurnRecord`) without reading their JSON.
struct TurnLines {
    enum Tag: UInt8 {
        case header = 0x68  // h
        case input = 0x69  // i
        case output = 0x6F  // o
    }

    struct Line {
        var tag: Tag
        var id: ArraySlice<UInt8>
        var json: ArraySlice<UInt8>

        /// The line's item. Throws `.storage` if the JSON isn't one.
        func item() throws(GatewayError) -> Item {
            guard let document = try? JSONDocument.parse(Array(json)), var item = Item(document.root) else {
                throw damaged("an item that isn't one")
            }
            if !id.isEmpty { item.id = String(decoding: id, as: UTF8.self) }
            return item
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The next line; nil at the end. Throws `.storage` for bytes that are no lines.
    mutating func next() throws(GatewayError) -> Line? {
        guard let first = rest.first else { return nil }
        guard let tag = Tag(rawValue: first) else { throw TurnLines.damaged("an unknown tag") }
        var position = rest.startIndex + 1
        var length = 0
        while position < rest.endIndex, case let digit = rest[position], digit >= 48, digit <= 57 {
            guard length < 1 << 40 else { throw TurnLines.damaged("a length that is too large") }
            length = length * 10 + Int(digit - 48)
            position += 1
        }
        guard position < rest.endIndex, rest[position] == UInt8(ascii: " ") else { throw TurnLines.damaged("no length") }
        let idStart = position + 1
        guard let colon = rest[idStart...].firstIndex(of: UInt8(ascii: ":")) else { throw TurnLines.damaged("no id") }
        let start = colon + 1
        guard length < rest.endIndex - start, rest[start + length] == UInt8(ascii: "\n") else {
            throw TurnLines.damaged("a line that is cut short")
        }
        let line = Line(tag: tag, id: rest[idStart..<colon], json: rest[start..<(start + length)])
        rest = rest[(start + length + 1)...]
        return line
    }

    static func damaged(_ what: String) -> GatewayError {
        GatewayError(.storage, "A stored response could not be read.", detail: "damaged record: \(what)")
    }
}
