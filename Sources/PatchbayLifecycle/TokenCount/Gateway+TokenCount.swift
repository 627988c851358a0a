import Logging
import PatchbayModel

extension Gateway {
    /// How many tokens of input a request has, its history included: what the model would be given if it were to be
    /// answered. The request's `model` may be empty: then it is the one of the response that it continues. Nothing is
    /// stored.
    package func countInput(of request: Request, in exchange: Exchange) async throws(GatewayError) -> TokenCount {
        var request = request
        request.stream = false
        let history = try await history(before: request, owner: exchange.owner, memory: nil)
        try request.takeModel(from: history)
        let route = try router.route(request.model)
        let tools = try tools(for: request, on: route)
        try resolveReferences(in: &request, history: history)
        try checkCalls(of: request, history: history)
        let prompt = try await prompt(of: request, history: history, owner: exchange.owner)
        let body = ProviderRequest(
            tools?.request ?? request, prompt: prompt, route: route, exchange: exchange,
            conversation: history.root.map(Digest.hex) ?? "", timeout: policy.answerTimeout)
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
