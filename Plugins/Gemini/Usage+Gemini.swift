extension Usage {
    /// Of `usageMetadata`, where a count that is zero is left out, and thoughts are counted beside the answer.
    init?(gemini value: JSONValue?) {
        guard let value, value["promptTokenCount"] != nil else { return nil }
        func count(_ key: StaticString) -> Int { max(0, min(value[key]?.int ?? 0, 1 << 40)) }
        input = count("promptTokenCount") + count("toolUsePromptTokenCount")
        cached = count("cachedContentTokenCount")
        reasoning = count("thoughtsTokenCount")
        output = count("candidatesTokenCount") + reasoning
    }
}
