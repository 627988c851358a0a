import Logging
import PatchbayModel

extension Gateway {
    /// Turns a request's inputs into vectors. Nothing is stored.
    ///
    /// Where the model's provider fails in a way that another need not, all inputs are given to the next: the vectors of
    /// one answer are one model's. Hooks see the request come, as they see a count of tokens.
    package func embed(_ request: EmbeddingRequest, in exchange: Exchange) async throws(GatewayError) -> Embeddings {
        let start = clock.milliseconds
        let (request, route) = try await visited(request, in: exchange)
        let routes = ([route] + route.fallbacks).filter { $0.provider.maxInputs != nil }
        guard route.provider.maxInputs != nil else { throw Self.makesNone(request.model) }
        do throws(GatewayError) {
            for (route, next) in zip(routes, routes.dropFirst()) {
                do throws(GatewayError) {
                    return try await embed(request, by: route, in: exchange, since: start)
                } catch  where error.isElsewhereAvoidable && exchange.cancelled == nil {
                    logNext(error, route, next, exchange)
                }
            }
            return try await embed(request, by: routes[routes.count - 1], in: exchange, since: start)
        } catch {
            logFailure(error, "a request for embeddings failed", exchange)
            throw error
        }
    }

    private func embed(_ request: EmbeddingRequest, by route: Route, in exchange: Exchange, since start: Int64)
        async throws(GatewayError) -> Embeddings
    {
        let run = EmbeddingRun(request, route: route, exchange: exchange, policy: policy, clock: clock, since: start)
        let (batches, known) = try await run.perform()
        var usage = known
        if usage.inputTokens == 0 {
            usage.inputTokens = TokenEstimate.tokens(ofInputs: request.inputs)
            usage.isEstimated = true
        }
        return Embeddings(batches: batches, usage: usage)
    }

    private static func makesNone(_ model: String) -> GatewayError {
        .invalid(
            "The model '\(model.prefix(128))' makes no embeddings: its provider has none. GET /v1/models lists the models.",
            param: "model", code: "unsupported")
    }

    private func logNext(_ error: GatewayError, _ route: Route, _ next: Route, _ exchange: Exchange) {
        logger.notice(
            "a provider failed and the next is asked",
            metadata: [
                "request_id": "\(exchange.id)", "provider": "\(route.provider.name)", "kind": "\(error.kind.rawValue)",
                "message": "\(error.message)", "detail": "\(error.detail ?? "")", "next": "\(next.provider.name)",
            ])
    }
}
