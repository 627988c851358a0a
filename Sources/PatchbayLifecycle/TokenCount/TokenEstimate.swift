import PatchbayJSON

/// A guess at the tokens of a provider's request, from its text alone, for providers that have no count.
///
/// What today's vocabularies have in common: a token for about four ASCII characters; about one for each character of
/// the scripts without spaces, and one for two of the other scripts; a few around each message. The schemas of tools
/// count as text. An image counts as what a picture of common size is worth, whatever its bytes.
struct TokenEstimate {
    /// Quarters of a token.
    private var quarters = 0

    /// Of a request's body (see `ProviderRequest.body`).
    static func tokens(of body: [UInt8]) -> Int {
        guard let root = (try? JSONParser().parse(body[...], limits: .history))?.root else { return 0 }
        var estimate = TokenEstimate()
        for name in ["instructions", "input", "tools", "text"] as [StaticString] {
            guard let value = root[name] else { continue }
            estimate.add(value, depth: 0)
        }
        return (estimate.quarters + 3) / 4
    }

    /// Of the inputs of embeddings, each a JSON string or an array of token numbers.
    static func tokens(ofInputs inputs: ArraySlice<ArraySlice<UInt8>>) -> Int {
        var estimate = TokenEstimate()
        for input in inputs {
            guard let root = (try? JSONParser().parse(input, limits: .history))?.root else { continue }
            if root.kind == .array { estimate.quarters += 4 * root.count } else { estimate.add(text: root) }
        }
        return (estimate.quarters + 3) / 4
    }

    private static let perItem = 4 * 4
    private static let perImage = 765 * 4
    private static let perFileByte = 1
    private static let maxDepth = 64

    private mutating func add(_ value: JSONValue, depth: Int) {
        guard depth < Self.maxDepth else { return add(bytes: value.raw) }
        switch value.kind {
        case .string: add(text: value)
        case .array:
            for element in value.elements {
                if depth == 0 { quarters += Self.perItem }
                add(element, depth: depth + 1)
            }
        case .object:
            if value["type"]?.stringEquals("input_image") == true {
                quarters += Self.perImage
                return
            }
            for member in value.members where !isFrame(member) { add(member.value, depth: depth + 1) }
        case .integer, .double, .bool, .null:
            add(bytes: value.raw)
        }
    }

    /// What names a thing and isn't said to the model, or only by a token that `perItem` has.
    private func isFrame(_ member: JSONMember) -> Bool {
        ["type", "role", "status", "id", "call_id", "annotations", "logprobs", "detail"]
            .contains { (name: StaticString) in member.keyEquals(name) }
    }

    private mutating func add(text value: JSONValue) {
        guard let text = value.string else { return }
        if text.hasPrefix("data:") {
            // A file's base64 text: three quarters of it are bytes, and what the upstream reads of them is less.
            quarters += text.utf8.count * Self.perFileByte / 2
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x80: quarters += 1
            case 0x2E80..<0xA4D0, 0xAC00..<0xD7B0, 0xF900..<0xFB00, 0x1F000...: quarters += 4
            default: quarters += 2
            }
        }
    }

    private mutating func add(bytes: some Collection<UInt8>) {
        quarters += bytes.count
    }
}
