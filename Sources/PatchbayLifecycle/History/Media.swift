/// The media in an item's JSON: base64 data URLs, which are kept apart from the turn so that a store can keep equal
/// ones once.
enum Media {
    /// A data URL's base64 text that is at least this long is kept apart, bytes.
    static let threshold = 2048

    /// Where the base64 texts of long data URLs stand in `json`, in order. A data URL is a JSON string that begins
    /// with `data:` and has `;base64,` near its beginning; its text needs no escapes, and one that has some stays
    /// where it is.
    static func ranges(in json: [UInt8]) -> [Range<Int>] {
        guard json.count >= threshold else { return [] }
        var ranges: [Range<Int>] = []
        var position = 0
        while let start = json.firstRange(of: beginning, from: position) {
            position = start + beginning.count
            let head = json[position..<min(position + 128, json.count)]
            guard let marker = head.firstRange(of: marker, from: head.startIndex) else { continue }
            let data = marker + Self.marker.count
            guard let end = json[data...].firstIndex(where: { !$0.isBase64 }) else { continue }
            if json[end] == UInt8(ascii: "\""), end - data >= threshold {
                ranges.append(data..<end)
                position = end
            }
        }
        return ranges
    }

    private static let beginning = Array("\"data:".utf8)
    private static let marker = Array(";base64,".utf8)
}

extension RandomAccessCollection<UInt8> where Index == Int {
    /// Where `pattern` stands first, from `start` on.
    fileprivate func firstRange(of pattern: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first else { return nil }
        var position = start
        while position + pattern.count <= endIndex {
            guard let candidate = self[position...].firstIndex(of: first) else { return nil }
            guard candidate + pattern.count <= endIndex else { return nil }
            if self[candidate..<(candidate + pattern.count)].elementsEqual(pattern) { return candidate }
            position = candidate + 1
        }
        return nil
    }
}

extension UInt8 {
    /// Of a base64 text, also one for URLs.
    fileprivate var isBase64: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
