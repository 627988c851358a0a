import PatchbayJSON
import PatchbayModel

/// A `compaction` item: a summary that stands for everything before it in a conversation, readable by this deployment
/// alone.
enum CompactionItem {
    /// The ids of all of them begin with this: that is how they are found in a stored turn without reading it.
    static let idPrefix = Array("cmp_".utf8)

    /// An item with a summary that was sealed.
    static func make(sealed: String) -> Item {
        var json = JSONWriter(capacity: sealed.utf8.count + 64)
        json.beginObject()
        json.key("type")
        json.string("compaction")
        json.key("encrypted_content")
        json.string(sealed)
        json.endObject()
        let kind = Item.Kind.other(type: "compaction")
        return Item(kind: kind, id: Identifier.item(for: kind), body: json.bytes)
    }

    /// The sealed text of an item that this host made; nil for any other item, an upstream's own compaction included.
    static func sealed(in item: Item) -> String? {
        guard item.kind == .other(type: "compaction"),
            let document = try? JSONParser().parse(item.body[...], limits: .history),
            let content = document.root["encrypted_content"]?.string, content.hasPrefix(CompactionKey.prefix)
        else { return nil }
        return content
    }

    /// What is sealed: a JSON object with its version.
    static func plain(summary: String) -> [UInt8] {
        var json = JSONWriter(capacity: summary.utf8.count + 64)
        json.beginObject()
        json.key("v")
        json.int(1)
        json.key("summary")
        json.string(summary)
        json.endObject()
        return json.bytes
    }

    /// The summary; nil for a version that is newer than this host.
    static func summary(inPlain bytes: [UInt8]) -> String? {
        guard let root = (try? JSONParser().parse(bytes[...], limits: .history))?.root, root["v"]?.int == 1 else {
            return nil
        }
        return root["summary"]?.string
    }

    /// What a provider is told in the item's place.
    static func message(summary: String) -> [UInt8] {
        var json = JSONWriter(capacity: summary.utf8.count + 512)
        json.beginObject()
        json.key("type")
        json.string("message")
        json.key("role")
        json.string("developer")
        json.key("content")
        json.beginArray()
        json.beginObject()
        json.key("type")
        json.string("input_text")
        json.key("text")
        json.string(preface + summary)
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private static let preface = """
        The conversation before this point was compacted to save room. This summary takes its place; go on from it as if \
        you had the conversation before you.


        """
}
