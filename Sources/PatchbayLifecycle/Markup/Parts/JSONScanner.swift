/// Finds the end of one JSON value that comes in pieces, by its brackets and quotes alone: whether it is JSON
/// otherwise is the question of who reads it.
struct JSONScanner {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Whether a value can begin with this byte.
    static func canBegin(with byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): true
        default: false
        }
    }

    /// Reads on, from `start`, where the value begins or went on. Answers where it ends; nil: not in these bytes.
    mutating func end(in bytes: [UInt8], from start: Int) -> Int? {
        let span = bytes.span
        var place = start
        while place < span.count {
            let byte = span[place]
            place += 1
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return place }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // At depth 0 it ends a number or a word, and is not part of it.
                if depth == 0 { return place - 1 }
                depth -= 1
                if depth == 0 { return place }
            case UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                if depth == 0 { return place - 1 }
            default:
                break
            }
        }
        return nil
    }
}
