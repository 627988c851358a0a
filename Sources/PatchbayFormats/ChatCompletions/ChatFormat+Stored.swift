import PatchbayJSON
import PatchbayModel

/// Chat completions that are kept: their lists, a change of one, and the word that one was deleted.
extension ChatFormat {
    /// A page of a conversation, an item a message; `hasMore`: there is another after it.
    package func messageList(_ items: [Item], hasMore: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("object", literal: "list")
            json.member("data") { json in
                json.array { json in
                    for item in items { item.writeAsChat(to: &json) }
                }
            }
            json.member("first_id", items.first?.id)
            json.member("last_id", items.last?.id)
            json.member("has_more", hasMore)
        }
        return json.bytes
    }

    /// A page of completions; `hasMore`: there is another, after the response `last`.
    package func list(_ responses: [Response], hasMore: Bool, last: String?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("object", literal: "list")
            json.member("data") { json in
                json.array { json in
                    for response in responses { [response].writeAsChat(to: &json) }
                }
            }
            json.member("first_id", responses.first?.chatID)
            json.member("last_id", last.map(Identifier.chatCompletion))
            json.member("has_more", hasMore)
        }
        return json.bytes
    }

    /// Reads a change of a completion: its new metadata, one JSON object.
    package func metadata(from body: [UInt8]) throws(GatewayError) -> [UInt8] {
        let root = try documents.parse(body).root
        let fields = try FieldReader(body: root)
        guard root["metadata"] != nil else { throw fields.missing("metadata") }
        try fields.checkMetadata("metadata")
        return fields.present("metadata").map { Array($0.raw) } ?? Array("{}".utf8)
    }

    /// The completion of this id was deleted.
    package func deletion(of id: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("object", literal: "chat.completion.deleted")
            json.member("id", id)
            json.member("deleted", true)
        }
        return json.bytes
    }
}

extension Item {
    /// The item as a message that was kept. What chat has no word for is one of the assistant's without a text.
    fileprivate func writeAsChat(to json: inout JSONWriter) {
        let root = (try? JSONDocument.parse(body))?.root
        json.object { json in
            json.member("id", id)
            switch kind {
            case .message(let role):
                json.member("role", role)
                json.member("content", Self.text(root?["content"]))
                if let name = root?["name"] { json.member("name", name) }
            case .functionCallOutput, .other("custom_tool_call_output"):
                json.member("role", literal: "tool")
                json.member("tool_call_id", callID)
                json.member("content", Self.text(root?["output"]))
            default:
                let message = ChatMessage([self])
                json.member("role", literal: "assistant")
                json.member("content") { $0.null() }
                if !message.reasoning.isEmpty { json.member("reasoning_content", message.reasoning) }
                guard let call = message.calls.first else { return }
                json.member("tool_calls") { json in
                    json.array { json in json.object { call.write(index: nil, to: &$0) } }
                }
            }
        }
    }

    private static func text(_ content: JSONValue?) -> String {
        if let text = content?.string { return text }
        return content?.elements.compactMap { $0["text"]?.string ?? $0["refusal"]?.string }.joined() ?? ""
    }
}
