/// What a data URL in base64 holds: `data:image/png;base64,iVBOR…`.
struct DataURL {
    let mediaType: String
    /// Base64, not checked.
    let base64: ArraySlice<UInt8>

    /// Nil where the text is another address, or a data URL that isn't base64.
    init?(_ value: JSONValue) {
        guard let text = value.text, text.starts(with: "data:".utf8), let comma = text.firstIndex(of: UInt8(ascii: ","))
        else { return nil }
        let type = text[text.startIndex..<comma].dropFirst(5)
        guard type.count <= 256, type.suffix(7).elementsEqual(";base64".utf8) else { return nil }
        mediaType = String(decoding: type.dropLast(7).prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
        base64 = text[(comma + 1)...]
    }
}
