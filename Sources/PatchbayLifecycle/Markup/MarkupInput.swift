import PatchbayJSON

/// The text that has not been dealt with yet, and how far it has been read.
///
/// What is read stays until it is *settled*: passed on as text or as a call. What is not settled can be given back.
struct MarkupInput {
    private(set) var bytes: [UInt8] = []
    /// Where to read on.
    var position = 0
    /// What lies before this is dealt with.
    private(set) var settled = 0

    /// Nothing is held back.
    var isEmpty: Bool { bytes.isEmpty }
    /// Bytes that are read or unread, and not settled.
    var held: Int { bytes.count - settled }
    /// The byte at the position; nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Where `byte` stands next.
    func find(_ byte: UInt8, from start: Int) -> Int? {
        let bytes = bytes.span
        var place = start
        while place < bytes.count {
            if bytes[place] == byte { return place }
            place += 1
        }
        return nil
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// What has been read is dealt with.
    mutating func settle() {
        settled = position
    }

    /// Forgets what is settled.
    mutating func compact() {
        guard settled > 0 else { return }
        if settled == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.count <= 64 << 10)
        } else {
            bytes.removeSubrange(..<settled)
        }
        position -= settled
        settled = 0
    }

    /// What has been read and is not settled, as text; it is settled from now on.
    mutating func giveBack() -> String {
        defer { settle() }
        return string(settled..<position)
    }

    mutating func skipSpace() {
        while let byte = next, byte.isMarkupSpace { position += 1 }
    }

    /// How much of `mark` stands at `place`.
    func match(_ mark: MarkupMark, at place: Int) -> MarkupMark.Match {
        let count = min(mark.bytes.count, bytes.count - place)
        for index in 0..<count where bytes[place + index] != mark.bytes[index] { return .none }
        return count == mark.bytes.count ? .whole : .part
    }

    /// Reads `mark` where it stands at the position.
    mutating func take(_ mark: MarkupMark) -> MarkupMark.Match {
        let match = match(mark, at: position)
        if match == .whole { position += mark.bytes.count }
        return match
    }

    /// Which of two marks stands somewhere.
    enum Choice { case first, second, more, none }

    /// Reads one of two marks where it stands at the position.
    mutating func take(_ first: MarkupMark, or second: MarkupMark) -> Choice {
        let matches = (take(first), match(second, at: position))
        switch matches {
        case (.whole, _): return .first
        case (_, .whole):
            position += second.bytes.count
            return .second
        case (.part, _), (_, .part): return .more
        case (.none, .none): return .none
        }
    }

    /// A text that ends somewhere, read or not.
    enum Taken {
        case text(String)
        /// The end isn't here yet; nothing was read.
        case more
        /// There is no end within the bound; nothing was read.
        case none
    }

    /// Reads everything before the next `mark`, and the mark itself.
    mutating func take(upTo mark: MarkupMark, limit: Int = MarkupLimits.name) -> Taken {
        for place in position..<min(bytes.count, position + limit)
        where bytes[place] == mark.bytes[0] && match(mark, at: place) == .whole {
            defer { position = place + mark.bytes.count }
            return .text(string(position..<place))
        }
        return bytes.count - position >= limit + mark.bytes.count ? .none : .more
    }

    /// Reads a function's name that stands without quotes, and the white space behind it.
    mutating func takeName() -> Taken {
        var end = position
        while end < bytes.count, bytes[end].isInFunctionName { end += 1 }
        guard end - position <= MarkupLimits.name else { return .none }
        guard end < bytes.count else { return .more }
        guard end > position else { return .none }
        defer {
            position = end
            skipSpace()
        }
        return .text(string(position..<end))
    }

    /// Reads a JSON string, which begins at the position.
    mutating func takeString(limit: Int = MarkupLimits.name) -> Taken {
        guard let next else { return .more }
        guard next == UInt8(ascii: "\"") else { return .none }
        var place = position + 1
        var hasEscapes = false
        while place < min(bytes.count, position + limit) {
            switch bytes[place] {
            case UInt8(ascii: "\\"):
                hasEscapes = true
                place += 2
            case UInt8(ascii: "\""):
                let text = hasEscapes ? decoded(position..<(place + 1)) : string((position + 1)..<place)
                guard let text else { return .none }
                position = place + 1
                return .text(text)
            default:
                place += 1
            }
        }
        return bytes.count - position >= limit ? .none : .more
    }

    /// A part of the bytes as text.
    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func decoded(_ range: Range<Int>) -> String? {
        (try? JSONDocument.parse(Array(bytes[range])))?.root.string
    }
}

extension UInt8 {
    /// White space as JSON and the dialects have it.
    var isMarkupSpace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\t")
            || self == UInt8(ascii: "\r")
    }

    /// What a function's name is made of, where it stands without quotes.
    var isInFunctionName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"): true
        default: false
        }
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let utf8 = utf8
        guard let first = utf8.firstIndex(where: { !$0.isMarkupSpace }),
            let last = utf8.lastIndex(where: { !$0.isMarkupSpace })
        else { return "" }
        return String(self[first...last])
    }

    var withoutLeadingSpace: String {
        String(self[(utf8.firstIndex { !$0.isMarkupSpace } ?? endIndex)...])
    }

    var isFunctionName: Bool {
        !isEmpty && utf8.count <= MarkupLimits.name && utf8.allSatisfy(\.isInFunctionName)
    }
}
