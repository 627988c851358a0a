import PatchbayJSON
import PatchbayModel

/// What isn't an answer: lists, and the word that something was deleted.
extension ResponsesFormat {
    /// A page of items; `hasMore`: there is another after it.
    package func itemList(_ items: [Item], hasMore: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("object", literal: "list")
        json.key("data")
        json.beginArray()
        for item in items { item.write(to: &json) }
        json.endArray()
        json.member("first_id", items.first?.id)
        json.member("last_id", items.last?.id)
        json.member("has_more", hasMore)
        json.endObject()
        return json.bytes
    }

    /// The response of this id was deleted.
    package func deletion(of id: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("id", id)
        json.member("object", literal: "response")
        json.member("deleted", true)
        json.endObject()
        return json.bytes
    }
}
