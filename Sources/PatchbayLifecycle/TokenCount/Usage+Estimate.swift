import PatchbayJSON
import PatchbayModel

extension Usage {
    /// What is known of an answer's counts, and for what isn't a guess, so marked (see `TokenEstimate`). No input has no
    /// tokens, and no output that says something, so a count of 0 there is one that the provider didn't have.
    ///
    /// `body`: what the provider was asked.
    static func complete(_ known: Usage?, body: [UInt8], output: [Item]) -> Usage {
        var usage = known ?? Usage()
        if usage.inputTokens == 0 {
            let tokens = TokenEstimate.tokens(of: body)
            usage.inputTokens = max(tokens, usage.cachedTokens)
            if tokens > 0 { usage.isEstimated = true }
        }
        if usage.outputTokens == 0 {
            let tokens = TokenEstimate.tokens(ofOutput: output)
            usage.outputTokens = max(tokens, usage.reasoningTokens)
            if tokens > 0 { usage.isEstimated = true }
        }
        return usage
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
