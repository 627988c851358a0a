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
        try check(request)
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
        let (batches, usage) = try await run.perform()
        return Embeddings(batches: batches, usage: usage)
    }

    /// What would be too much is told before anybody is asked, as far as the request says it.
    private func check(_ request: EmbeddingRequest) throws(GatewayError) {
        let most = policy.maxDimensions(inputs: request.inputs.count)
        guard let json = request.fields["dimensions"], let asked = Int(String(decoding: json, as: UTF8.self)),
            asked > most
        else { return }
        throw .invalid(
            "Invalid 'dimensions': \(asked). This server gives at most \(most) for each of \(request.inputs.count) inputs.",
            param: "dimensions", code: "integer_above_max_value")
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

extension GatewayPolicy {
    /// How many numbers each of so many vectors may have: together they are an answer, which is bounded.
    func maxDimensions(inputs: Int) -> Int {
        max(1, maxAnswerBytes / MemoryLayout<Float>.size / max(1, inputs))
    }
}
