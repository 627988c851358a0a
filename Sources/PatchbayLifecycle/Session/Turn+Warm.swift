import PatchbayModel

extension Turn {
    /// Answers without asking the model: the turn's input is kept, so that later turns continue it. Throws only while
    /// the sink has been given nothing.
    func warm(sink: any ResponseSink) async throws(GatewayError) {
        var final = response
        final.status = .completed
        final.completedAt = gateway.clock.seconds
        final.usage = Usage(inputTokens: 0, outputTokens: 0)
        try await keep(final, upstreamResponseID: nil, provider: nil)
        _ = sink.send(.created(response))
        _ = sink.send(.inProgress(response))
        _ = sink.send(.completed(final))
    }
}
