extension Usage {
    /// Of a response or of a chat completion. Where they count cached tokens otherwise, it is as DeepSeek does.
    init?(openAI value: JSONValue?) {
        guard let value, value.kind == .object else { return nil }
        let given = value["input_tokens_details"] ?? value["prompt_tokens_details"]
        let written = value["output_tokens_details"] ?? value["completion_tokens_details"]
        input = Self.count(value["input_tokens"] ?? value["prompt_tokens"])
        output = Self.count(value["output_tokens"] ?? value["completion_tokens"])
        cached = Self.count(given?["cached_tokens"] ?? value["prompt_cache_hit_tokens"])
        cacheWrite = Self.count(given?["cache_write_tokens"])
        reasoning = Self.count(written?["reasoning_tokens"])
    }
}
