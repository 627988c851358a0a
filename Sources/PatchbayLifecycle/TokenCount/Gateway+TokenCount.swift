import Logging
import PatchbayModel

extension Gateway {
    /// How many tokens of input a request has, its history included: what the model would be given if it were to be
    /// answered. The request's `model` may be empty: then it is the one of the response that it continues. Nothing is
    /// stored.
    package func countInput(of request: Request, in exchange: Exchange) async throws(GatewayError) -> TokenCount {
        var request = request
        request.stream = false
        var loaded = try await load(request, owner: exchange.owner)
        let route = loaded.route
        let isAnswered = try await visit(&loaded, in: exchange)
        let tools = try tools(for: loaded.request, on: route)
        let body = ProviderRequest(
            tools?.request ?? loaded.request, prompt: loaded.prompt, route: route, exchange: exchange,
            conversation: loaded.history.root.map(Digest.hex) ?? "", timeout: policy.answerTimeout)
        // Nobody would be asked.
        if isAnswered { return TokenCount(tokens: TokenEstimate.tokens(of: body.body), isEstimated: true) }
        do throws(GatewayError) {
            return try await TokenCounter(provider: route.provider, exchange: exchange).count(body)
        } catch {
            logFailure(error, "a request's tokens could not be counted", exchange)
            throw error
        }
    }
}

extension Request {
    /// Without a model of its own, a request has that of the turn that it continues.
    mutating func takeModel(from history: History) throws(GatewayError) {
        guard model.isEmpty else { return }
        guard let last = try history.lastModel() else {
            throw .invalid(
                "Missing required parameter: 'model'. Only a request with 'previous_response_id' may leave it out.",
                param: "model", code: "missing_required_parameter")
        }
        model = last
    }
}
