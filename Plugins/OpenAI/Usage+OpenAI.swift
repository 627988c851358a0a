extension Usage {
    /// Of a response object: `{"input_tokens", "input_tokens_details": {"cached_tokens"}, …}`.
    init?(responses value: JSONValue?) {
        guard let value, value.kind == .object else { return nil }
        input = Self.count(value["input_tokens"])
        output = Self.count(value["output_tokens"])
        cached = Self.count(value["input_tokens_details"]?["cached_tokens"])
        cacheWrite = Self.count(value["input_tokens_details"]?["cache_write_tokens"])
        reasoning = Self.count(value["output_tokens_details"]?["reasoning_tokens"])
    }

    /// Of a chat completion. The second names are DeepSeek's.
    init?(chat value: JSONValue?) {
        guard let value, value.kind == .object else { return nil }
        input = Self.count(value["prompt_tokens"])
        output = Self.count(value["completion_tokens"])
        cached = Self.count(value["prompt_tokens_details"]?["cached_tokens"] ?? value["prompt_cache_hit_tokens"])
        cacheWrite = Self.count(value["prompt_tokens_details"]?["cache_write_tokens"])
        reasoning = Self.count(value["completion_tokens_details"]?["reasoning_tokens"])
    }
}
