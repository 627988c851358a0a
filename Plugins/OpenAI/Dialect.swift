/// Whose server speaks the API, and how it differs from the others. From their public documentation.
struct Dialect: Sendable {
    /// `compatible` is a server of which nothing else is known.
    enum Name: String, CaseIterable {
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
    private let features: Set<Feature>

    init(_ name: Name) {
        self.name = name
        let all: Set<Feature> = [.name, .images, .files, .audio, .schemas, .toolChoice, .parallel]
        (baseURL, reasoning, features) =
            switch name {
            case .openai: ("https://api.openai.com/v1", nil, all)
            case .azure: (nil, nil, all)
            case .vllm: ("http://127.0.0.1:8000/v1", "reasoning", all.subtracting([.files]))
            case .ollama: ("http://127.0.0.1:11434/v1", "reasoning", [.images, .schemas])
            case .llamacpp: ("http://127.0.0.1:8080/v1", "reasoning_content", all.subtracting([.files]))
            case .deepseek: ("https://api.deepseek.com", "reasoning_content", [.name, .toolChoice])
            case .openrouter: ("https://openrouter.ai/api/v1", "reasoning", all.union([.cacheControl]))
            case .compatible: (nil, "reasoning_content", all.subtracting([.name]))
            }
    }

    func takes(_ feature: Feature) -> Bool { features.contains(feature) }
    var maxTokensField: OpenAI.MaxTokens { [.openai, .azure, .compatible].contains(name) ? .new : .old }

    /// The fields of the hub's request that a chat completion has under the same name.
    var chatFields: Set<String> {
        let own =
            switch name {
            case .openai: "user safety_identifier service_tier prompt_cache_key prompt_cache_retention verbosity"
            case .azure: "user prompt_cache_key verbosity"
            case .vllm:
                "top_k min_p repetition_penalty min_tokens stop_token_ids ignore_eos bad_words chat_template_kwargs"
            case .ollama, .deepseek: ""
            case .llamacpp: "top_k min_p typical_p repeat_penalty repeat_last_n grammar ignore_eos chat_template_kwargs"
            case .openrouter: "user top_k min_p top_a repetition_penalty provider models plugins service_tier verbosity"
            case .compatible: "user service_tier verbosity"
            }
        let common = Self.words("temperature top_p presence_penalty frequency_penalty stop " + own)
        return switch name {
        case .deepseek: common
        case .ollama: common.union(["seed"])
        default: common.union(["seed", "logit_bias"])
        }
    }

    /// The fields that a request to its Responses API may have.
    var responsesFields: Set<String> {
        let common = Self.words(
            """
            model instructions max_output_tokens temperature top_p parallel_tool_calls reasoning text include metadata \
            user safety_identifier service_tier prompt_cache_key prompt_cache_retention top_logprobs truncation \
            max_tool_calls prompt context_management
            """)
        // llama.cpp makes a chat completion of it, with all that it knows there.
        if name == .llamacpp { return common.union(chatFields) }
        return name == .openrouter ? common.union(["top_k", "presence_penalty", "frequency_penalty"]) : common
    }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map { String($0) }) }
}
