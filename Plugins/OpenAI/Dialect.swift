/// Whose server speaks the API, and how it differs from the others. From their public documentation.
struct Dialect: Sendable {
    /// `compatible` is a server of which nothing else is known.
    enum Name: String, CaseIterable { case openai, azure, vllm, ollama, llamacpp, deepseek, openrouter, compatible }

    /// What not every server takes: in messages `name` (who of several speaks), Anthropic's `cache_control`, images,
    /// files and audio; JSON after a schema; a `tool_choice`; `parallel_tool_calls` (else the host alone sees to it).
    struct Features: OptionSet {
        let rawValue: UInt8
        static let name = Self(rawValue: 1), cacheControl = Self(rawValue: 2), images = Self(rawValue: 4)
        static let files = Self(rawValue: 8), audio = Self(rawValue: 16), schemas = Self(rawValue: 32)
        static let toolChoice = Self(rawValue: 64), parallel = Self(rawValue: 128)
        static let usual: Self = [.name, .images, .files, .audio, .schemas, .toolChoice, .parallel]
    }

    let name: Name
    /// Nil: there is no address that everyone has.
    let baseURL: String?
    /// Under which name an earlier answer's reasoning goes back; nil: it doesn't.
    let reasoning: StaticString?
    private let features: Features

    init(_ name: Name) {
        self.name = name
        (baseURL, reasoning, features) =
            switch name {
            case .openai: ("https://api.openai.com/v1", nil, .usual)
            case .azure: (nil, nil, .usual)
            case .vllm: ("http://127.0.0.1:8000/v1", "reasoning", .usual.subtracting(.files))
            case .ollama: ("http://127.0.0.1:11434/v1", "reasoning", [.images, .schemas])
            case .llamacpp: ("http://127.0.0.1:8080/v1", "reasoning_content", .usual.subtracting(.files))
            case .deepseek: ("https://api.deepseek.com", "reasoning_content", [.name, .toolChoice])
            case .openrouter: ("https://openrouter.ai/api/v1", "reasoning", .usual.union(.cacheControl))
            case .compatible: (nil, "reasoning_content", .usual.subtracting(.name))
            }
    }

    func takes(_ feature: Features) -> Bool { features.contains(feature) }

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
        let more = name == .deepseek ? "" : name == .ollama ? "seed " : "seed logit_bias "
        return Self.words("temperature top_p presence_penalty frequency_penalty stop " + more + own)
    }

    /// Inputs in one request for vectors: as many as the API takes, or as keep a reply of long vectors small. Nil: it has
    /// none.
    var maxInputs: UInt32? { name == .deepseek ? nil : [.openai, .azure].contains(name) ? 2048 : 256 }

    /// The fields that a request for vectors may have.
    var vectorFields: Set<String> {
        let own =
            switch name {
            case .openai, .compatible: "user"
            case .azure: "user input_type"
            case .vllm: "user truncate_prompt_tokens truncation_side add_special_tokens priority"
            case .llamacpp: "embd_normalize"
            case .openrouter: "user provider input_type"
            case .ollama, .deepseek: ""
            }
        return Self.words("model input dimensions " + own)
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
