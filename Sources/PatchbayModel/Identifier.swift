/// Mints the ids of the host: a prefix that says what it is, and 192 random bits in hexadecimal.
package enum Identifier {
    package static func response() -> String { mint(responsePrefix) }
    package static func conversation() -> String { mint(conversationPrefix) }
    /// For what a conversation got besides responses; never shown.
    package static func entry() -> String { mint("entry_") }
    package static func message() -> String { mint("msg_") }
    package static func functionCall() -> String { mint("fc_") }
    package static func functionCallOutput() -> String { mint("fco_") }
    package static func reasoning() -> String { mint("rs_") }
    package static func call() -> String { mint("call_") }
    package static func replica() -> String { mint("replica_") }
    package static func request() -> String { mint("req_") }
    /// For items of types that have no prefix of their own.
    package static func item() -> String { mint("item_") }

    /// Whether a store may be asked for this id: it takes 1 to 128 bytes.
    package static func isStorable(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
    }

    /// Whether this may be the id of a conversation.
    package static func isConversation(_ id: String) -> Bool {
        isStorable(id) && id.hasPrefix(conversationPrefix)
    }

    /// Whether this may be the id of a response.
    package static func isResponse(_ id: String) -> Bool {
        isStorable(id) && id.hasPrefix(responsePrefix)
    }

    /// A response's id as chat completions have it, and back: the same with another prefix. An id of another kind is
    /// given back as it is.
    package static func chatCompletion(of response: String) -> String {
        response.hasPrefix(responsePrefix) ? chatPrefix + response.dropFirst(responsePrefix.count) : response
    }

    package static func response(of chatCompletion: String) -> String {
        chatCompletion.hasPrefix(chatPrefix)
            ? responsePrefix + chatCompletion.dropFirst(chatPrefix.count) : chatCompletion
    }

    /// A response's id as Anthropic's messages have it: the same with another prefix.
    package static func messagesMessage(of response: String) -> String {
        response.hasPrefix(responsePrefix) ? "msg_" + response.dropFirst(responsePrefix.count) : response
    }

    private static let chatPrefix = "chatcmpl-"
    private static let responsePrefix = "resp_"
    private static let conversationPrefix = "conv_"

    /// An id for an item of this kind.
    package static func item(for kind: Item.Kind) -> String { mint(prefix(of: kind)) }

    static func prefix(of kind: Item.Kind) -> String {
        switch kind {
        case .message: "msg_"
        case .functionCall: "fc_"
        case .functionCallOutput: "fco_"
        case .reasoning: "rs_"
        case .other("compaction"): "cmp_"
        case .other: "item_"
        }
    }

    private static func mint(_ prefix: String) -> String {
        let words = RandomBits.words()
        return text(prefix, digits(words.0) + digits(words.1), words.2)
    }

    /// - Parameter digits: the first 32.
    static func text(_ prefix: String, _ digits: [UInt8], _ last: UInt64) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.utf8.count + digits.count + 16)
        bytes.append(contentsOf: prefix.utf8)
        bytes.append(contentsOf: digits)
        append(last, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sixteen hexadecimal digits.
    static func digits(_ word: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        append(word, to: &bytes)
        return bytes
    }

    private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
        bytes.append(addingCapacity: 16) { output in
            var shift: UInt64 = 64
            while shift > 0 {
                shift -= 4
                let nibble = UInt8(truncatingIfNeeded: word &>> shift) & 15
                output.append(nibble < 10 ? 48 + nibble : 87 + nibble)
            }
        }
    }
}
