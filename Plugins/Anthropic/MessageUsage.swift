/// A message's counts. They come at its start and again, grown, at its end; there what a cache had isn't in
/// `input_tokens`, here it is.
struct MessageUsage {
    private var (uncached, read, written, output, thinking) = (-1, -1, -1, -1, -1)

    mutating func take(_ value: JSONValue?) {
        guard let value else { return }
        Self.take(value["input_tokens"], &uncached)
        Self.take(value["cache_read_input_tokens"], &read)
        Self.take(value["cache_creation_input_tokens"], &written)
        Self.take(value["output_tokens"], &output)
        Self.take(value["output_tokens_details"]?["thinking_tokens"], &thinking)
    }

    private static func take(_ value: JSONValue?, _ count: inout Int) {
        let new = Usage.count(value)
        if new >= 0 { count = min(new, 1 << 40) }
    }

    /// Nil where the upstream has told none.
    var usage: Usage? {
        guard uncached >= 0 || output >= 0 else { return nil }
        let input = uncached < 0 ? -1 : uncached + max(read, 0) + max(written, 0)
        return Usage(input: input, cached: read, cacheWrite: written, output: output, reasoning: thinking)
    }
}
