import PatchbayModel

/// Several answers to one request, made side by side. A provider gives one answer a call, so each is a turn of its own,
/// with its own events, hooks and tools; none is kept, as what is kept has one answer.
extension Gateway {
    /// The answers, in their order. The first failure stops the others and is thrown.
    package func respond(to request: Request, choices count: Int, in exchange: Exchange) async throws(GatewayError)
        -> [Response]
    {
        try await ChoiceRun(request, count, exchange: exchange, gateway: self, sink: nil).perform()
    }

    /// Streams the answers. Throws only while nothing has been sent; from the first event on the sink gets exactly one
    /// end. Returns when it has it.
    package func stream(_ request: Request, choices count: Int, in exchange: Exchange, to sink: any ChoiceSink)
        async throws(GatewayError)
    {
        _ = try await ChoiceRun(request, count, exchange: exchange, gateway: self, sink: sink).perform()
    }
}
