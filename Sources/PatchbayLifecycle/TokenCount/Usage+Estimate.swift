import PatchbayJSON
import PatchbayModel

// Usage is always there: a count that a provider didn't have is guessed and marked (see `TokenEstimate`). No input has no
// tokens, and no output that says something, so a count of 0 there is one that the provider didn't have.
extension Usage {
    /// What is known, with the input's count. `body`: what the provider was asked.
    static func completing(_ known: Usage?, input body: @autoclosure () -> [UInt8]) -> Usage {
        var usage = known ?? Usage()
        guard usage.inputTokens == 0 else { return usage }
        usage.inputTokens = max(TokenEstimate.tokens(of: body()), usage.cachedTokens)
        if usage.inputTokens > 0 { usage.isEstimated = true }
        return usage
    }

    /// The same with the output's count.
    func completing(output: [Item]) -> Usage {
        var usage = self
        guard usage.outputTokens == 0 else { return usage }
        usage.outputTokens = max(TokenEstimate.tokens(ofOutput: output), usage.reasoningTokens)
        if usage.outputTokens > 0 { usage.isEstimated = true }
        return usage
    }
}

extension ProviderEnd {
    /// The counts of an answer with this output. Of one that failed they are what the provider knew.
    func completedUsage(_ output: [Item]) -> Usage? {
        if case .failed(let error) = outcome, error.kind != .cancelled { return usage }
        return usage?.completing(output: output)
    }
}

extension TokenEstimate {
    /// A guess at the tokens that a model made, encrypted reasoning left out.
    static func tokens(ofOutput items: [Item]) -> Int {
        guard !items.isEmpty else { return 0 }
        var json = JSONWriter(capacity: 64 + items.reduce(0) { $0 + $1.body.count })
        json.object { json in
            json.member("input") { json in
                json.array { json in
                    for item in items { json.raw(item.body) }
                }
            }
        }
        return tokens(of: json.bytes)
    }
}
