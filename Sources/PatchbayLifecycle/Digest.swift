import Crypto

/// Opaque names for what plugins may tell apart but not read: owners, conversations.
enum Digest {
    /// 32 hexadecimal digits.
    static func hex(_ text: String) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for byte in SHA256.hash(data: Array(text.utf8)).prefix(16) {
            for nibble in [byte >> 4, byte & 15] { digits.append(nibble < 10 ? 48 + nibble : 87 + nibble) }
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
