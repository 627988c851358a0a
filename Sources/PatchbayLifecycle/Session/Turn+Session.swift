import PatchbayModel

extension Turn {
    /// Leaves a turn that isn't stored to its connection's memory, if it can be continued.
    func remember(_ final: Response, upstreamResponseID: String?, provider: String?) {
        guard keeper == nil, let memory = exchange.memory else { return }
        guard final.status == .completed || final.status == .incomplete else { return }
        let turn = TurnRecord(
            response: final, input: request.input, upstreamResponseID: upstreamResponseID, provider: provider
        ).encoded()
        memory.keep(
            StoredRecord(
                id: final.id, kind: .response, parent: final.previousResponseID, root: root,
                created: gateway.clock.milliseconds, expires: nil, value: turn.value, blobs: turn.blobs))
    }

    /// Answers without asking the model: the turn's input is kept, so that later turns continue it. Throws only while
    /// the sink has been given nothing.
    func warm(sink: any ResponseSink) async throws(GatewayError) -> Response {
        var final = response
        final.status = .completed
        final.completedAt = gateway.clock.seconds
        final.usage = Usage(inputTokens: 0, outputTokens: 0)
        let beginning: [ResponseEvent] = [.created(response), .inProgress(response)]
        for event in beginning { live?.record(event) }
        _ = try await keeper?.commit(final, upstreamResponseID: nil, provider: nil, shape: live?.shape)
        remember(final, upstreamResponseID: nil, provider: nil)
        for event in beginning + final.lastEvents { _ = sink.send(event) }
        return final
    }
}
