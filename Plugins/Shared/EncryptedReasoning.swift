/// A reasoning item's `encrypted_content`, which only its maker can read: every other one refuses the request.
struct EncryptedReasoning {
    enum Maker { case anthropic, gemini, openAI, openRouter }

    /// Before the signature of Anthropic's thinking: without its text, which the upstream may not show and clients may
    /// lose, it else looked like thinking that was redacted, whose data has no mark.
    static let signatureMark = Array("signature:".utf8)

    /// As far as the beginning tells; nil: it doesn't.
    let maker: Maker?
    /// Whether it is marked as a signature.
    let isSignature: Bool
    /// Without the mark.
    let bytes: ArraySlice<UInt8>

    /// Nil where an item has none, or an empty one.
    init?(_ item: JSONValue) {
        guard let text = item["encrypted_content"]?.text else { return nil }
        isSignature = text.starts(with: Self.signatureMark)
        bytes = isSignature ? text.dropFirst(Self.signatureMark.count) : text
        if bytes.isEmpty { return nil }
        maker = isSignature ? .anthropic : Self.maker(of: text)
    }

    private static func maker(of text: ArraySlice<UInt8>) -> Maker? {
        if text.starts(with: "gemini.".utf8) { return .gemini }
        // One of its `reasoning_details`.
        if text.first == UInt8(ascii: "{") { return .openRouter }
        // A Fernet token of this century.
        if text.starts(with: "gAAAA".utf8) { return .openAI }
        // Protobuf in base64 that begins with the field 2, of some length.
        let second = text.dropFirst().first ?? 0
        let isProtobuf = text.first == UInt8(ascii: "E") && (UInt8(ascii: "g")...UInt8(ascii: "v")).contains(second)
        return isProtobuf ? .anthropic : nil
    }
}
