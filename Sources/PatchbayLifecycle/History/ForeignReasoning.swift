import PatchbayJSON

/// Reasoning items with content that only the provider can read that made them.
enum ForeignReasoning {
    /// Whether an item's JSON is reasoning with encrypted content. Reads no JSON; an item that came from a provider whole
    /// may put its members in another order, and is then taken for one that anybody can read.
    static func isEncrypted(_ json: ArraySlice<UInt8>) -> Bool {
        guard json.starts(with: beginning) else { return false }
        return (try? JSONParser().parse(json, limits: .history))?.root["encrypted_content"]?.string != nil
    }

    /// An item's encrypted content.
    static func content(_ json: ArraySlice<UInt8>) -> String? {
        (try? JSONParser().parse(json, limits: .history))?.root["encrypted_content"]?.string
    }

    /// The item without its encrypted content; nil where nothing is left that says anything.
    static func readable(_ json: ArraySlice<UInt8>) -> [UInt8]? {
        guard let item = (try? JSONParser().parse(json, limits: .history))?.root,
            (item["summary"]?.count ?? 0) + (item["content"]?.count ?? 0) > 0
        else { return nil }
        var rest = JSONWriter(capacity: json.count)
        rest.beginObject()
        for member in item.members where !member.keyEquals("encrypted_content") { rest.raw(member.raw) }
        rest.endObject()
        return rest.bytes
    }

    private static let beginning = Array(#"{"type":"reasoning""#.utf8)
}
