import PatchbayJSON
import PatchbayModel

/// The models in OpenAI's form, and beside it what is known of each, in the words that most servers of this form have:
/// OpenRouter's `context_length`, `architecture`, `top_provider` and `supported_parameters`, and vLLM's `max_model_len`.
extension ResponsesFormat {
    package func modelList(_ models: [ModelListing]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("object", literal: "list")
            json.member("data") { json in
                json.array { json in
                    for model in models { json.object { $0.model(model) } }
                }
            }
        }
        return json.bytes
    }

    package func model(_ model: ModelListing) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.model(model) }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func model(_ model: ModelListing) {
        let known = model.capabilities
        member("id", model.name)
        member("object", literal: "model")
        member("created", model.created)
        member("owned_by", model.provider)
        if let kinds = known.kinds { member("kinds") { $0.strings(kinds.words) } }
        if let tokens = known.contextTokens {
            member("context_length", tokens)
            member("max_model_len", tokens)
        }
        if known.inputs != nil || known.kinds != nil {
            member("architecture") { json in
                json.object { json in
                    if let inputs = known.inputs { json.member("input_modalities") { $0.strings(inputs.words) } }
                    if let kinds = known.kinds { json.member("output_modalities") { $0.strings(kinds.modalities) } }
                }
            }
        }
        if known.contextTokens != nil || known.maxOutputTokens != nil {
            member("top_provider") { json in
                json.object { json in
                    json.member("context_length", known.contextTokens)
                    json.member("max_completion_tokens", known.maxOutputTokens)
                }
            }
        }
        if let parameters = known.parameters { member("supported_parameters") { $0.strings(parameters) } }
        if known.knownFeatures != [] {
            member("features") { json in
                json.object { json in
                    for (name, feature) in ModelCapabilities.Features.names {
                        if let has = known[feature] { json.member(name, has) }
                    }
                }
            }
        }
        if let dimensions = known.dimensions { member("dimensions", dimensions) }
    }

    private mutating func strings(_ texts: [String]) {
        array { json in
            for text in texts { json.string(text) }
        }
    }
}

extension ModelCapabilities {
    /// What of the features is a parameter of a request; nil where it isn't known of all three, since clients take what
    /// isn't in the list as missing.
    fileprivate var parameters: [String]? {
        guard let tools = self[.tools], let reasoning = self[.reasoning], let structured = self[.structuredOutput]
        else { return nil }
        return (tools ? ["tools", "tool_choice"] : []) + (reasoning ? ["reasoning", "reasoning_effort"] : [])
            + (structured ? ["response_format", "structured_outputs"] : [])
    }
}

extension ModelCapabilities.Kinds {
    /// As `kinds` of the configuration has them.
    fileprivate var words: [String] {
        (contains(.answers) ? ["chat"] : []) + (contains(.embeddings) ? ["embeddings"] : [])
    }

    fileprivate var modalities: [String] {
        (contains(.answers) ? ["text"] : []) + (contains(.embeddings) ? ["embeddings"] : [])
    }
}

extension ModelCapabilities.Inputs {
    fileprivate var words: [String] {
        let all: [(Self, String)] = [(.text, "text"), (.image, "image"), (.file, "file"), (.audio, "audio")]
        return all.filter { contains($0.0) }.map(\.1)
    }
}

extension ModelCapabilities.Features {
    fileprivate static let names: [(StaticString, Self)] = [
        ("tools", .tools), ("reasoning", .reasoning), ("structured_output", .structuredOutput),
        ("dimensions", .dimensions),
    ]
}
