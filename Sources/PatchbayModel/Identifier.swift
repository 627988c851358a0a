/// Mints the ids of the host: a prefix that says what it is, and 192 random bits in hexadecimal.
package enum Identifier {
    package static func response() -> String { mint("resp_") }
    package static func message() -> String { mint("msg_") }
    package static func functionCall() -> String { mint("fc_") }
    package static func functionCallOutput() -> String { mint("fco_") }
    package static func reasoning() -> String { mint("rs_") }
    package static func call() -> String { mint("call_") }
    package static func request() -> String { mint("req_") }
    /// For items of types that have no prefix of their own.
    package static func item() -> String { mint("item_") }

    /// An id for an item of this kind.
    package static func item(for kind: Item.Kind) -> String {
        switch kind {
        case .message: message()
        case .functionCall: functionCall()
        case .functionCallOutput: functionCallOutput()
        case .reasoning: reasoning()
        case .other: item()
        }
    }

    private static func mint(_ prefix: StaticString) -> String {
        var generator = SystemRandomNumberGenerator()
        let words = (generator.next(), generator.next(), generator.next())
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.utf8CodeUnitCount + 48)
        bytes.append(contentsOf: "\(prefix)".utf8)
        for word in [words.0, words.1, words.2] {
            for shift in stride(from: 60, through: 0, by: -4) {
                let nibble = UInt8(truncatingIfNeeded: word &>> UInt64(shift)) & 15
                bytes.append(nibble < 10 ? 48 + nibble : 87 + nibble)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
