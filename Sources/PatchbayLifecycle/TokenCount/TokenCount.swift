/// How many tokens a model would be given.
package struct TokenCount: Sendable, Hashable {
    package var tokens: Int
    /// Nobody counted: the host guessed from the text (see `TokenEstimate`).
    package var isEstimated: Bool

    package init(tokens: Int, isEstimated: Bool) {
        self.tokens = tokens
        self.isEstimated = isEstimated
    }
}
