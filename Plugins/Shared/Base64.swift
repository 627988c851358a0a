/// Base64 as servers write it: the usual alphabet, padded or not.
enum Base64 {
    /// Appends the bytes that `text` stands for; false, with some of them appended, where it isn't base64.
    static func decode(_ text: ArraySlice<UInt8>, to bytes: inout [UInt8]) -> Bool {
        var text = text.span
        var padding = 0
        while padding < 2, text.count > 0, text[text.count - 1] == UInt8(ascii: "=") {
            text = text.extracting(droppingLast: 1)
            padding += 1
        }
        guard text.count % 4 != 1 else { return false }
        bytes.reserveCapacity(bytes.count + text.count / 4 * 3 + 2)
        let values = values.span
        var (bits, count): (UInt32, Int) = (0, 0)
        // No value of the alphabet has this bit; whatever is none has all.
        var all: UInt8 = 0
        for index in 0..<text.count {
            let value = values[Int(text[index])]
            all |= value
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return all & 0x80 == 0
    }

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}
