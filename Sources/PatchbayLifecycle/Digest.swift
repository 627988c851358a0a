import Crypto

/// SHA-256: opaque names for what plugins may tell apart but not read (owners, conversations), and of media.
enum Digest {
    /// 32 hexadecimal digits.
    static func hex(_ text: String) -> String {
        hex(SHA256.hash(data: Array(text.utf8)).prefix(16))
    }

    /// SHA-256, 64 hexadecimal digits.
    static func sha256(_ bytes: ArraySlice<UInt8>) -> String {
        hex(Array(SHA256.hash(data: bytes))[...])
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }
}
