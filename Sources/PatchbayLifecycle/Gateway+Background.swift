import Logging
import NIOCore
import PatchbayModel

/// What can be done with a response that has not ended: ending it, and what becomes of those that a server left behind.
extension Gateway {
    /// Ends a response of the background, and returns it as it is then; one that has ended already is returned as it is.
    package func cancelResponse(_ id: String, in exchange: Exchange) async throws(GatewayError) -> Response {
        let owner = exchange.owner
        if let live = live.find(id, owner: owner) {
            guard live.begun.background else { throw Self.notCancellable(id) }
            if let turn = background.withdraw(id) { return try await turn.endQueued(as: .cancelled, nil) }
            live.exchange.strand.execute { live.exchange.cancelRequested() }
            let response = await live.whenEnded()
            if response.status.isTerminal { return response }
            // It was left to another server, and is ended as that one's.
        }
        for _ in 0..<8 {
            guard Identifier.isResponse(id), let store, let record = try await store.get(id, owner: owner) else {
                throw Self.responseNotFound(id)
            }
            let turn = try TurnRecord(decoding: record)
            guard turn.response.background else { throw Self.notCancellable(id) }
            if turn.response.status.isTerminal { return turn.response }
            // Another server makes it: that one finds out when it stores it the next time.
            if let ended = try await end(record, turn, as: .cancelled, nil, owner: owner) { return ended }
        }
        throw GatewayError(
            .conflict, "The response '\(id)' changes all the time. Try again.", code: "response_running")
    }

    /// Ends an unfinished response of which nothing is made here. Nil if it changed meanwhile.
    func end(
        _ record: StoredRecord, _ turn: TurnRecord, as status: Response.Status, _ error: GatewayError?, owner: String
    ) async throws(GatewayError) -> Response? {
        guard let store else { return nil }
        var turn = turn
        turn.end(as: status, error)
        var changed = record
        (changed.value, changed.blobs) = turn.encoded()
        do throws(GatewayError) {
            try await store.put(changed, if: .version(record.version), owner: owner, durable: policy.durable)
        } catch  where error.kind == .conflict || error.kind == .notFound {
            return nil
        }
        // The job may be gone already; then that is all the same.
        try? await store.write([.remove(Job.id(of: record.id))], owner: owner, durable: false)
        return turn.response
    }

    /// The response of a record, which has ended at least now if the server that made it is no more and no other takes
    /// it up.
    func settled(_ record: StoredRecord, owner: String) async throws(GatewayError) -> TurnRecord {
        let turn = try TurnRecord(decoding: record)
        guard !turn.response.status.isTerminal, !isTakenUp(turn), let replicas,
            try await !replicas.isAlive(turn.holder)
        else { return turn }
        _ = try await end(record, turn, as: .failed, Self.interrupted, owner: owner)
        guard let record = try await store?.get(record.id, owner: owner) else { throw Self.responseNotFound(record.id) }
        return try TurnRecord(decoding: record)
    }

    /// Whether what a server left behind of this turn begins anew. One that has begun so often may be why the servers
    /// ended.
    private func isTakenUp(_ turn: TurnRecord) -> Bool {
        turn.response.background && policy.onRestart == .restart && turn.attempt < TurnRecord.maxAttempts
    }

    /// Looks for the responses of the background that these owners' servers left behind when they ended, and ends them
    /// or begins them anew, as the policy has it. To be called at the start, once requests can be served, and now and
    /// then for what other servers on the same store leave behind.
    package func recover(owners: [String], makeExchange: (String) -> Exchange) async {
        guard let store else { return }
        for owner in owners {
            // All of them first: the one that a page goes on after is gone once it is done with.
            var jobs: [StoredRecord] = []
            do throws(GatewayError) {
                while true {
                    let page = try await store.list(.job, owner: owner, after: jobs.last?.id, limit: 100)
                    jobs += page
                    if page.count < 100 { break }
                }
            } catch  where error.kind == .notFound {
                // It ended meanwhile. The others are found the next time.
            } catch {
                logger.error(
                    "the responses that were left behind could not be looked for",
                    metadata: ["detail": "\(error.detail ?? error.message)"])
            }
            // The oldest first.
            for job in jobs.reversed() { await recover(job, owner: owner, makeExchange: makeExchange) }
        }
    }

    private func recover(_ job: StoredRecord, owner: String, makeExchange: (String) -> Exchange) async {
        let id = String(decoding: job.value, as: UTF8.self)
        do throws(GatewayError) {
            guard live.find(id, owner: owner) == nil, let store, let replicas else { return }
            guard let record = try await store.get(id, owner: owner) else {
                try await store.write([.remove(job.id)], owner: owner, durable: false)
                return
            }
            let turn = try TurnRecord(decoding: record)
            guard !turn.response.status.isTerminal else {
                try await store.write([.remove(job.id)], owner: owner, durable: false)
                return
            }
            guard try await !replicas.isAlive(turn.holder) else { return }
            logger.notice(
                "a background response was left behind by a server that ended",
                metadata: ["response": "\(id)", "then": "\(isTakenUp(turn) ? "it begins anew" : "it failed")"])
            guard isTakenUp(turn) else {
                _ = try await end(record, turn, as: .failed, Self.interrupted, owner: owner)
                return
            }
            // Claiming it counts as an attempt: not before there is a place for it. The next look finds it again.
            guard background.hasPlace else { return }
            // It is this server's from now on, and no other's.
            await replicas.show()
            var claimed = record
            (claimed.value, claimed.blobs) = turn.begunAnew(by: replicas.id).encoded()
            do throws(GatewayError) {
                try await store.put(claimed, if: .version(record.version), owner: owner, durable: policy.durable)
            } catch  where error.kind == .conflict || error.kind == .notFound {
                return
            }
            claimed.version = record.version + 1
            do throws(GatewayError) {
                try await begin(Request(turn), anew: claimed, in: makeExchange(owner))
            } catch  where error.code == "background_queue_full" {
                // The next look finds it held by this server and not made here.
            } catch {
                _ = try await end(
                    claimed, TurnRecord(decoding: claimed), as: .failed, error, owner: owner)
            }
        } catch {
            logger.error(
                "a background response that was left behind could not be taken up",
                metadata: ["response": "\(id)", "detail": "\(error.detail ?? error.message)"])
        }
    }

    /// Puts a stored turn into the queue.
    private func begin(_ request: Request, anew stored: StoredRecord, in exchange: Exchange) async throws(GatewayError)
    {
        guard !hooks.isEmpty else {
            return try await prepare(request, in: exchange, stored: stored).enqueueAgain()
        }
        // Hooks are visited on the strand.
        let begun = Task(executorPreference: EventLoopExecutor(exchange.strand)) { () -> Result<Void, GatewayError> in
            let run = HookRun(self, request, in: exchange)
            do throws(GatewayError) {
                try await self.prepare(request, in: exchange, stored: stored, hooks: run).enqueueAgain()
                return .success(())
            } catch {
                await run?.failed(error)
                return .failure(error)
            }
        }
        try await begun.value.get()
    }

    /// Ends the background: no more responses begin, and those that run may end within `time`. What still runs then has
    /// failed, or begins anew at the next start, as the policy has it; what of that isn't in the store `grace` later is
    /// left as it is there, as after a crash.
    package func drainBackground(within time: TimeAmount, grace: TimeAmount = .seconds(5)) async {
        let waiting = background.close()
        Task {
            for turn in waiting {
                _ = try? await giveUp(turn)
                background.giveBack()
            }
        }
        let deadline = Task {
            try await Task.sleep(for: .nanoseconds(time.nanoseconds))
            interruptBackground()
            try await Task.sleep(for: .nanoseconds(grace.nanoseconds))
            background.leave()
        }
        await background.whenEmpty()
        deadline.cancel()
    }

    /// What becomes of a turn that has not begun when the server ends. Returns the response as it is then. From anywhere.
    func giveUp(_ turn: Turn) async throws(GatewayError) -> Response {
        switch policy.onRestart {
        case .fail: try await turn.endQueued(as: .failed, Self.interrupted)
        case .restart: try await turn.leave()
        }
    }

    /// Tells the other servers on the same store that this one is alive, if it has anything unfinished there. To be
    /// called every 15 seconds.
    package func showAlive() async {
        if !live.isEmpty { await replicas?.show() }
    }

    private func interruptBackground() {
        for turn in background.running { turn.exchange.strand.execute { turn.exchange.shutdown() } }
    }

    static let interrupted = GatewayError(
        .internal, "The server ended before this response had. Ask again.", code: "response_interrupted")

    /// For those who follow a turn that goes on at the next server.
    static let left = GatewayError(
        .conflict, "The server ended before this response had begun; the next one begins it. Ask for its stream again.",
        code: "response_running")

    private static func notCancellable(_ id: String) -> GatewayError {
        .invalid(
            "The response '\(id.prefix(128))' can't be cancelled: only responses with 'background': true can.",
            param: "response_id", code: "response_not_background")
    }
}

extension Request {
    /// The request of a stored turn.
    fileprivate init(_ turn: TurnRecord) {
        let response = turn.response
        self.init(
            model: response.model, input: turn.input, previousResponseID: response.previousResponseID,
            conversationID: response.conversationID, stream: true, store: true, background: response.background,
            fields: response.fields, tools: Tool.all(in: response.fields))
        compaction = CompactionRule(fields: response.fields, input: turn.input)
    }
}
