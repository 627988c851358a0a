import PatchbayJSON
import PatchbayModel

/// The models as Anthropic's clients list them. What isn't known of one is null.
extension MessagesFormat {
    /// All models; `created` in Unix seconds.
    package func modelList(_ models: [(name: String, created: Int)]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("data") { json in
                json.array { json in
                    for model in models { json.model(name: model.name, created: model.created) }
                }
            }
            json.member("first_id", models.first?.name)
            json.member("last_id", models.last?.name)
            json.member("has_more", false)
        }
        return json.bytes
    }

    /// One model; `created` in Unix seconds.
    package func model(name: String, created: Int) -> [UInt8] {
        var json = JSONWriter()
        json.model(name: name, created: created)
        return json.bytes
    }
}

extension JSONWriter {
    private static let unknown: [StaticString] = [
        "deprecated_at", "retires_at", "line", "capabilities", "max_input_tokens", "max_tokens",
    ]

    fileprivate mutating func model(name: String, created: Int) {
        object { json in
            json.member("type", literal: "model")
            json.member("id", name)
            json.member("display_name", name)
            json.member("created_at", Timestamp(milliseconds: Int64(created) * 1000).iso8601)
            json.member("lifecycle", literal: "active")
            for name in Self.unknown { json.member(name) { $0.null() } }
        }
    }
}
