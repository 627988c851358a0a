import PatchbayModel

/// Counts what a provider would be given: by the provider itself where it can, else by an estimate.
struct TokenCounter {
    let provider: any Provider
    let exchange: Exchange

    /// Throws what the provider says of the request, but for that it can't count: then it is estimated.
    func count(_ request: ProviderRequest) async throws(GatewayError) -> TokenCount {
        do throws(GatewayError) {
            let run = QuietRun(exchange: exchange, maxBytes: 0)
            let end = try await run.perform { strand, receiver throws(GatewayError) in
                try provider.count(request, on: strand, receiver: receiver)
            }
            switch (end?.outcome, end?.usage) {
            case (.failed(let error), _): throw error
            case (.stop, let usage?) where usage.inputTokens > 0:
                return TokenCount(tokens: usage.inputTokens, isEstimated: false)
            default: break
            }
        } catch  where error.kind == .invalidRequest && error.code == "unsupported" {
            // It said that it can't.
        }
        return TokenCount(tokens: TokenEstimate.tokens(of: request.body), isEstimated: true)
    }
}
