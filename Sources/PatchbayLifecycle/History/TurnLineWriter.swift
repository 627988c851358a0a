import PatchbayModel

/// Writes the lines of a stored turn (see `TurnRecord`), and takes the media out of them.
struct TurnLineWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var blobs: [StoredBlob] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func append(_ tag: TurnLines.Tag, _ item: Item) {
        let media = Media.ranges(in: item.body)
        guard !media.isEmpty else {
            append(tag, id: item.id ?? "", item.body)
            return
        }
        var rest: [UInt8] = []
        var position = 0
        for range in media {
            rest.append(contentsOf: item.body[position..<range.lowerBound])
            let blob = StoredBlob(hash: Digest.sha256(item.body[range]), data: Array(item.body[range]))
            begin(.media, number: rest.count, name: blob.hash)
            bytes.append(UInt8(ascii: "\n"))
            blobs.append(blob)
            position = range.upperBound
        }
        rest.append(contentsOf: item.body[position...])
        append(tag, id: item.id ?? "", rest)
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
