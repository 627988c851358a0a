import PatchbayModel

/// Turns of the background: acknowledged before they begin, and made without their client.
extension Turn {
    /// Stores the turn and puts it into the queue. Returns when it is safe, with the response as it is then: queued, or
    /// failed where the server has begun to end meanwhile.
    func enqueue() async throws(GatewayError) -> Response {
        guard let live, let keeper else { throw Self.needsStore }
        try gateway.background.reserve()
        live.record(.created(live.begun))
        live.record(.queued(live.begun))
        let queued = live.snapshot
        gateway.live.add(live)
        do throws(GatewayError) {
            try await keeper.storeQueued(live)
        } catch {
            gateway.background.giveBack()
            gateway.live.remove(id)
            throw error
        }
        if gateway.background.add(self) { return queued }
        defer { gateway.background.giveBack() }
        return try await gateway.giveUp(self)
    }

    /// Puts a turn that is in the store already into the queue.
    func enqueueAgain() async throws(GatewayError) {
        guard let live else { throw Self.needsStore }
        try gateway.background.reserve()
        live.record(.created(live.begun))
        live.record(.queued(live.begun))
        gateway.live.add(live)
        if gateway.background.add(self) { return }
        defer { gateway.background.giveBack() }
        _ = try await gateway.giveUp(self)
    }

    /// What the queue does with it. Its end is in the store, and with those who follow it.
    func answerInBackground() async {
        do throws(GatewayError) {
            let final = try await answer(sink: nil)
            await hooks?.ended(final)
        } catch {
            await hooks?.failed(error)
        }
    }

    /// Ends a turn that has been taken back from the queue. From anywhere.
    func endQueued(as status: Response.Status, _ error: GatewayError?) async throws(GatewayError) -> Response {
        let end = Task(executorPreference: EventLoopExecutor(exchange.strand)) { () -> Result<Response, GatewayError> in
            do throws(GatewayError) {
                return .success(try await self.commitQueued(as: status, error))
            } catch {
                return .failure(error)
            }
        }
        return try await end.value.get()
    }

    private func commitQueued(as status: Response.Status, _ error: GatewayError?) async throws(GatewayError) -> Response
    {
        guard let live, let keeper else { throw Self.needsStore }
        defer { gateway.live.remove(id) }
        var final = live.begun
        final.status = status
        final.error = error
        do throws(GatewayError) {
            final = try await keeper.commit(final, upstreamResponseID: nil, provider: nil, shape: live.shape)
        } catch {
            // Nobody makes it any more, and those who follow it must not wait for ever.
            final.fail(error)
            tell(final, live)
            await hooks?.failed(error, final)
            throw error
        }
        tell(final, live)
        await hooks?.ended(final)
        return final
    }

    /// The turn is left to another server, and those who wait for it here are told so. Returns it as it is. From
    /// anywhere.
    func leave() async throws(GatewayError) -> Response {
        guard let live else { throw Self.needsStore }
        await Task(executorPreference: EventLoopExecutor(exchange.strand)) {
            // From here on it is the store's.
            self.gateway.live.remove(self.id)
            live.leave(Gateway.left)
            await self.hooks?.failed(Gateway.interrupted)
        }.value
        return live.begun
    }

    private func tell(_ final: Response, _ live: LiveResponse) {
        live.end(final)
        for event in final.lastEvents { live.record(event) }
    }

    static let needsStore = GatewayError.invalid(
        "This server keeps no responses, so none can be made in the background: its configuration names no storage plugin (storage.plugin).",
        param: "background", code: "storage_not_configured")
}
