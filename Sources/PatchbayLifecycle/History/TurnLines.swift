import PatchbayJSON
import PatchbayModel

/// Walks the lines of a stored turn (see `TurnRecord`) without reading their JSON. Media lines are taken together with
/// the item that follows them.
struct TurnLines {
    enum Tag: UInt8 {
        case header = 0x68  // h
        case input = 0x69  // i
        case output = 0x6F  // o
        case media = 0x6D  // m
        /// The stream's shape, which is no JSON (see `StreamShape`).
        case shape = 0x73  // s

        /// Whether the line is an item of the conversation.
        var isItem: Bool { self == .input || self == .output }
    }

    struct Line {
        var tag: Tag
        var id: ArraySlice<UInt8>
        /// The line's JSON, whole.
        var json: ArraySlice<UInt8>

        /// Whether only the provider that made the item can read it.
        var isBound: Bool { tag == .output && ForeignReasoning.isEncrypted(json) }

        /// The line's item. Throws `.storage` if the JSON isn't one.
        func item() throws(GatewayError) -> Item {
            guard let document = try? JSONParser().parse(json, limits: .history), var item = Item(document.root) else {
                throw damaged("an item that isn't one")
            }
            if !id.isEmpty { item.id = String(decoding: id, as: UTF8.self) }
            return item
        }
    }

    private var rest: ArraySlice<UInt8>
    private var blobs: ArraySlice<StoredBlob>

    init(_ record: StoredRecord) {
        rest = record.value[...]
        blobs = record.blobs[...]
    }

    /// The next line that isn't media; nil at the end. Throws `.storage` for bytes that are no lines.
    mutating func next() throws(GatewayError) -> Line? {
        var media: [(offset: Int, data: [UInt8])] = []
        while let (tag, number, name) = try head() {
            if tag == .media {
                guard rest.popFirst() == UInt8(ascii: "\n"), let blob = blobs.popFirst(),
                    blob.hash.utf8.elementsEqual(name)
                else { throw TurnLines.damaged("media that isn't there") }
                media.append((number, blob.data))
                continue
            }
            guard number < rest.count, rest[rest.startIndex + number] == UInt8(ascii: "\n") else {
                throw TurnLines.damaged("a line that is cut short")
            }
            let json = rest.prefix(number)
            rest = rest.dropFirst(number + 1)
            return Line(tag: tag, id: name, json: try Self.insert(media, into: json))
        }
        guard media.isEmpty else { throw TurnLines.damaged("media without an item") }
        return nil
    }

    /// The beginning of a line up to its colon, and takes it off; nil at the end.
    private mutating func head() throws(GatewayError) -> (Tag, number: Int, name: ArraySlice<UInt8>)? {
        guard let first = rest.first else { return nil }
        guard let tag = Tag(rawValue: first) else { throw TurnLines.damaged("an unknown tag") }
        var position = rest.startIndex + 1
        var number = 0
        while position < rest.endIndex, case let digit = rest[position], digit >= 48, digit <= 57 {
            guard number < 1 << 40 else { throw TurnLines.damaged("a length that is too large") }
            number = number * 10 + Int(digit - 48)
            position += 1
        }
        guard position < rest.endIndex, rest[position] == UInt8(ascii: " ") else {
            throw TurnLines.damaged("no length")
        }
        let start = position + 1
        guard let colon = rest[start...].firstIndex(of: UInt8(ascii: ":")) else { throw TurnLines.damaged("no name") }
        let name = rest[start..<colon]
        rest = rest[(colon + 1)...]
        return (tag, number, name)
    }

    private static func insert(_ media: [(offset: Int, data: [UInt8])], into json: ArraySlice<UInt8>)
        throws(GatewayError) -> ArraySlice<UInt8>
    {
        guard !media.isEmpty else { return json }
        var whole: [UInt8] = []
        whole.reserveCapacity(json.count + media.reduce(0) { $0 + $1.data.count })
        var position = 0
        for (offset, data) in media {
            guard offset >= position, offset <= json.count else { throw damaged("media at a place that isn't there") }
            whole.append(contentsOf: json[(json.startIndex + position)..<(json.startIndex + offset)])
            whole.append(contentsOf: data)
            position = offset
        }
        whole.append(contentsOf: json[(json.startIndex + position)...])
        return whole[...]
    }

    static func damaged(_ what: String) -> GatewayError {
        GatewayError(.storage, "A stored response could not be read.", detail: "damaged record: \(what)")
    }
}

extension JSONLimits {
    /// For what a turn holds: what a client sent was checked when it came, with the depth that the deployment allows.
    static let history = JSONLimits(
        maxBytes: 256 << 20, maxDepth: 1100, maxValues: 8_000_000, rejectDuplicateKeys: false)
}
