/// Token counts of one answer.
package struct Usage: Sendable, Hashable {
    package var inputTokens: Int
    /// Of the input: not evaluated again, because a cache had it.
    package var cachedTokens: Int
    /// Of the input: written to a cache.
    package var cacheWriteTokens: Int
    package var outputTokens: Int
    /// Of the output: spent on reasoning.
    package var reasoningTokens: Int
    /// Whether the host guessed a count that the provider didn't have.
    package var isEstimated: Bool

    package init(
        inputTokens: Int = 0, cachedTokens: Int = 0, cacheWriteTokens: Int = 0, outputTokens: Int = 0,
        reasoningTokens: Int = 0, isEstimated: Bool = false
    ) {
        self.inputTokens = inputTokens
        self.cachedTokens = cachedTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.isEstimated = isEstimated
    }

    /// The counts of two calls together.
    package static func + (one: Usage, other: Usage) -> Usage {
        Usage(
            inputTokens: one.inputTokens + other.inputTokens, cachedTokens: one.cachedTokens + other.cachedTokens,
            cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
            outputTokens: one.outputTokens + other.outputTokens,
            reasoningTokens: one.reasoningTokens + other.reasoningTokens,
            isEstimated: one.isEstimated || other.isEstimated)
    }

    package var totalTokens: Int { inputTokens + outputTokens }
}
