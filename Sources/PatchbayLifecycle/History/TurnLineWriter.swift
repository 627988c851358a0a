import PatchbayModel

/// Writes the lines of a stored turn (see `TurnRecord`), and takes the media out of them.
struct TurnLineWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var blobs: [StoredBlob] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func append(_ tag: TurnLines.Tag, _ item: Item) {
        append(tag, id: item.id ?? "", takingMediaOf: item.body)
    }

    /// A line of another turn, as it is.
    mutating func append(_ line: TurnLines.Line) {
        append(line.tag, id: String(decoding: line.id, as: UTF8.self), takingMediaOf: Array(line.json))
    }

    private mutating func append(_ tag: TurnLines.Tag, id: String, takingMediaOf body: [UInt8]) {
        let media = Media.ranges(in: body)
        guard !media.isEmpty else {
            append(tag, id: id, body)
            return
        }
        var rest: [UInt8] = []
        var position = 0
        for range in media {
            rest.append(contentsOf: body[position..<range.lowerBound])
            let blob = StoredBlob(hash: Digest.sha256(body[range]), data: Array(body[range]))
            begin(.media, number: rest.count, name: blob.hash)
            bytes.append(UInt8(ascii: "\n"))
            blobs.append(blob)
            position = range.upperBound
        }
        rest.append(contentsOf: body[position...])
        append(tag, id: id, rest)
    }

    mutating func append(_ tag: TurnLines.Tag, id: String, _ json: [UInt8]) {
        begin(tag, number: json.count, name: id)
        bytes.append(contentsOf: json)
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func begin(_ tag: TurnLines.Tag, number: Int, name: String) {
        bytes.append(tag.rawValue)
        bytes.append(contentsOf: String(number).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ":"))
    }
}
