import PatchbayJSON
import PatchbayModel

/// The models as Anthropic's clients list them. What isn't known of one is null.
extension MessagesFormat {
    /// A page; `hasMore`: there are others, in the direction in which it was asked for.
    package func modelList(_ models: [ModelListing], hasMore: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("data") { json in
                json.array { json in
                    for model in models { json.model(model) }
                }
            }
            json.member("first_id", models.first?.name)
            json.member("last_id", models.last?.name)
            json.member("has_more", hasMore)
        }
        return json.bytes
    }

    package func model(_ model: ModelListing) -> [UInt8] {
        var json = JSONWriter()
        json.model(model)
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func model(_ model: ModelListing) {
        let known = model.capabilities
        object { json in
            json.member("type", literal: "model")
            json.member("id", model.name)
            json.member("display_name", model.name)
            json.member("created_at", Timestamp(milliseconds: Int64(model.created) * 1000).iso8601)
            json.member("lifecycle", literal: "active")
            for name in ["deprecated_at", "retires_at", "line"] as [StaticString] { json.member(name) { $0.null() } }
            json.member("max_input_tokens", known.contextTokens)
            json.member("max_tokens", known.maxOutputTokens)
            json.member("capabilities") { $0.capabilities(known) }
        }
    }

    /// All of them or null, as Anthropic's clients count on every key. What this server never has is false.
    private mutating func capabilities(_ known: ModelCapabilities) {
        guard let inputs = known.inputs, let isReasoning = known[.reasoning],
            let isStructured = known[.structuredOutput]
        else { return null() }
        object { json in
            for name in ["batch", "citations", "code_execution", "context_management"] as [StaticString] {
                json.support(name, false)
            }
            json.support("effort", isReasoning) { json in
                for level in ["low", "medium", "high"] as [StaticString] { json.support(level, isReasoning) }
                json.support("max", false)
                json.member("xhigh") { $0.null() }
            }
            json.support("image_input", inputs.contains(.image))
            json.support("pdf_input", inputs.contains(.file))
            json.support("server_tools", false) { json in
                json.support("code_execution", false)
                json.support("web_search", false)
            }
            json.support("structured_outputs", isStructured)
            json.support("thinking", isReasoning) { json in
                json.member("types") { json in
                    json.object { json in
                        json.support("adaptive", isReasoning)
                        json.support("between_tools", false)
                        json.support("disabled", true)
                        json.support("enabled", isReasoning)
                    }
                }
            }
        }
    }

    private mutating func support(
        _ name: StaticString, _ isSupported: Bool, _ details: (inout JSONWriter) -> Void = { _ in }
    ) {
        member(name) { json in
            json.object { json in
                json.member("supported", isSupported)
                details(&json)
            }
        }
    }
}
