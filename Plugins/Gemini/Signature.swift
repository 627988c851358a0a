/// A thought signature: what Gemini wants back, in the very place where it stood, to go on thinking where it was. It
/// crosses the hub as the `encrypted_content` of a reasoning item, with its place: `gemini.call.CiQB…`.
struct Signature {
    enum Place: String, CaseIterable {
        /// In the function call that follows the reasoning item.
        case call
        /// In the text before it.
        case text
        /// In the thought that is the item's own text.
        case thought
    }

    /// What Google documents for a call that Gemini didn't make, or whose signature the client has lost. Gemini 3
    /// refuses the first call of a step without any.
    static let placeholder: StaticString = "skip_thought_signature_validator"

    let place: Place
    /// Base64.
    let value: ArraySlice<UInt8>

    init(_ place: Place, _ value: ArraySlice<UInt8>) {
        (self.place, self.value) = (place, value)
    }

    /// Nil where another provider made it.
    init?(encrypted content: JSONValue?) {
        guard let text = content?.text else { return nil }
        for place in Place.allCases {
            let mark = Self.mark(place)
            if text.count > mark.count, text.starts(with: mark) {
                self.init(place, text.dropFirst(mark.count))
                return
            }
        }
        return nil
    }

    var encrypted: ArraySlice<UInt8> { (Self.mark(place) + value)[...] }

    private static func mark(_ place: Place) -> [UInt8] { Array("gemini.\(place.rawValue).".utf8) }

    func write(to json: inout JSONWriter) {
        json.key("thoughtSignature")
        json.string(utf8: value.span)
    }
}
