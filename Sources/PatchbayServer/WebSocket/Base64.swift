/// The little of base64 that a handshake needs.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of data: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits = 0
        var count = 0
        for byte in data {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether `text` can be the base64 of so many bytes.
    static func isText(_ text: String, ofByteCount count: Int) -> Bool {
        let padding = (3 - count % 3) % 3
        let bytes = text.utf8
        guard bytes.count == (count + 2) / 3 * 4 else { return false }
        return bytes.dropLast(padding).allSatisfy(alphabet.contains)
            && bytes.suffix(padding).allSatisfy { $0 == UInt8(ascii: "=") }
    }
}
