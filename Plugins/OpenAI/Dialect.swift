/// Whose server speaks the API, and how it differs from the others. From their public documentation.
struct Dialect: Sendable {
    /// `compatible` is a server of which nothing else is known.
    enum Name: String, CaseIterable, Sendable {
        case openai, azure, vllm, ollama, llamacpp, deepseek, openrouter, compatible
    }

    /// What not every server takes: in messages `name` (who of several speaks), Anthropic's `cache_control`, images,
    /// files and audio; JSON after a schema; a `tool_choice`; `parallel_tool_calls` (else the host alone sees to it).
    enum Feature { case name, cacheControl, images, files, audio, schemas, toolChoice, parallel }

    let name: Name
    /// Nil: there is no address that everyone has.
    let baseURL: String?
    /// Under which name an earlier answer's reasoning goes back; nil: it doesn't.
    let reasoning: StaticString?
    /// The fields of the hub's request that a chat completion has under the same name, beside those that all have.
    private let fields: String
    let features: Set<Feature>

    func takes(_ feature: Feature) -> Bool { features.contains(feature) }
    var maxTokensField: OpenAI.MaxTokensField {
        [.openai, .azure, .compatible].contains(name) ? .maxCompletionTokens : .maxTokens
    }
    var chatFields: Set<String> { Self.words("temperature top_p presence_penalty frequency_penalty stop " + fields) }

    /// The fields that a request to its Responses API may have.
    var responsesFields: Set<String> {
        let all = Self.words(
            """
            model instructions max_output_tokens temperature top_p parallel_tool_calls reasoning text include metadata \
            user safety_identifier service_tier prompt_cache_key prompt_cache_retention top_logprobs truncation \
            max_tool_calls prompt context_management
            """)
        // llama.cpp makes a chat completion of it, with all that it knows there.
        if name == .llamacpp { return all.union(chatFields) }
        return name == .openrouter ? all.union(["top_k", "presence_penalty", "frequency_penalty"]) : all
    }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map { String($0) }) }

    init(_ name: Name) {
        self.name = name
        let all: Set<Feature> = [.name, .images, .files, .audio, .schemas, .toolChoice, .parallel]
        (baseURL, reasoning, fields, features) =
            switch name {
            case .openai:
                (
                    "https://api.openai.com/v1", nil,
                    """
                    seed logit_bias user safety_identifier service_tier prompt_cache_key prompt_cache_retention \
                    prediction verbosity
                    """, all
                )
            case .azure: (nil, nil, "seed logit_bias user prompt_cache_key prediction verbosity", all)
            case .vllm:
                (
                    "http://127.0.0.1:8000/v1", "reasoning",
                    """
                    seed logit_bias top_k min_p repetition_penalty length_penalty min_tokens stop_token_ids ignore_eos \
                    bad_words chat_template_kwargs structured_outputs
                    """, all.subtracting([.files])
                )
            case .ollama: ("http://127.0.0.1:11434/v1", "reasoning", "seed", [.images, .schemas])
            case .llamacpp:
                (
                    "http://127.0.0.1:8080/v1", "reasoning_content",
                    """
                    seed logit_bias top_k min_p typical_p repeat_penalty repeat_last_n mirostat mirostat_tau \
                    mirostat_eta grammar ignore_eos chat_template_kwargs
                    """, all.subtracting([.files])
                )
            case .deepseek: ("https://api.deepseek.com", "reasoning_content", "", [.name, .toolChoice])
            case .openrouter:
                (
                    "https://openrouter.ai/api/v1", "reasoning",
                    """
                    seed logit_bias user top_k min_p top_a repetition_penalty prediction provider models plugins \
                    transforms service_tier verbosity
                    """, all.union([.cacheControl])
                )
            case .compatible:
                (nil, "reasoning_content", "seed logit_bias user service_tier verbosity", all.subtracting([.name]))
            }
    }
}
