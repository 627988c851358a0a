/// Whose server speaks the API. They differ in the fields they take, in how reasoning goes back to them, in addresses
/// and in the header of the key; from their public documentation.
enum Dialect: String, CaseIterable, Sendable {
    case openai, azure, vllm, ollama, llamacpp, deepseek, openrouter
    /// A server of which nothing else is known.
    case compatible

    /// Nil: there is no address that everyone has.
    var baseURL: String? {
        switch self {
        case .openai: "https://api.openai.com/v1"
        case .vllm: "http://127.0.0.1:8000/v1"
        case .ollama: "http://127.0.0.1:11434/v1"
        case .llamacpp: "http://127.0.0.1:8080/v1"
        case .deepseek: "https://api.deepseek.com"
        case .openrouter: "https://openrouter.ai/api/v1"
        case .azure, .compatible: nil
        }
    }

    /// The fields of the hub's request that a chat completion has under the same name.
    var chatFields: Set<String> {
        let common: Set = ["temperature", "top_p", "presence_penalty", "frequency_penalty", "stop"]
        let own: Set<String> =
            switch self {
            case .openai:
                [
                    "seed", "logit_bias", "user", "safety_identifier", "service_tier", "prompt_cache_key",
                    "prompt_cache_retention", "prediction",
                ]
            case .azure: ["seed", "logit_bias", "user", "prompt_cache_key", "prediction"]
            case .vllm:
                [
                    "seed", "logit_bias", "top_k", "min_p", "repetition_penalty", "length_penalty", "min_tokens",
                    "stop_token_ids", "ignore_eos", "bad_words", "chat_template_kwargs", "structured_outputs",
                ]
            case .ollama: ["seed"]
            case .llamacpp:
                [
                    "seed", "logit_bias", "top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n", "mirostat",
                    "mirostat_tau", "mirostat_eta", "grammar", "ignore_eos", "chat_template_kwargs",
                ]
            case .deepseek: []
            case .openrouter:
                [
                    "seed", "logit_bias", "user", "top_k", "min_p", "top_a", "repetition_penalty", "prediction",
                    "provider", "models", "plugins", "transforms", "service_tier",
                ]
            case .compatible: ["seed", "logit_bias", "user", "service_tier"]
            }
        return common.union(own)
    }

    /// The fields that a request to its Responses API may have.
    var responsesFields: Set<String> {
        let common: Set = [
            "model", "instructions", "max_output_tokens", "temperature", "top_p", "parallel_tool_calls", "reasoning",
            "text", "include", "metadata", "user", "safety_identifier", "service_tier", "prompt_cache_key",
            "prompt_cache_retention", "top_logprobs", "truncation", "max_tool_calls", "prompt", "context_management",
        ]
        return switch self {
        // It makes a chat completion of it, with all that it knows there.
        case .llamacpp: common.union(chatFields)
        case .openrouter: common.union(["top_k", "presence_penalty", "frequency_penalty"])
        default: common
        }
    }

    /// Under which name an earlier answer's reasoning goes back; nil: it doesn't.
    var reasoning: StaticString? {
        switch self {
        case .openai, .azure: nil
        case .vllm, .ollama, .openrouter: "reasoning"
        case .llamacpp, .deepseek, .compatible: "reasoning_content"
        }
    }

    var maxTokensField: OpenAI.MaxTokensField {
        switch self {
        case .openai, .azure, .compatible: .maxCompletionTokens
        default: .maxTokens
        }
    }

    var takesVerbosity: Bool { [.openai, .azure, .openrouter, .compatible].contains(self) }
    /// Whether a message may say who of several speaks.
    var takesName: Bool { self != .ollama && self != .compatible }
    var takesCacheControl: Bool { self == .openrouter }
    var takesImages: Bool { self != .deepseek }
    var takesFiles: Bool { [.openai, .azure, .openrouter, .compatible].contains(self) }
    var takesAudio: Bool { self != .ollama && self != .deepseek }
    /// JSON after a schema, and tools whose arguments are held to theirs.
    var takesSchemas: Bool { self != .deepseek }
    /// Without it a call can't be demanded; that none is made is had by naming no tools.
    var takesToolChoice: Bool { self != .ollama }
    /// Elsewhere the host alone sees to `parallel_tool_calls`.
    var takesParallel: Bool { self != .ollama && self != .deepseek }
}
