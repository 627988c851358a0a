import Logging
import NIOCore
import PatchbayModel

/// Keeps one turn in the store: while it runs, as far as it got, so that it isn't lost and other servers can follow it;
/// and once it has ended, before that is said to anybody. Confined to the turn's strand.
final class TurnKeeper: @unchecked Sendable {
    private let gateway: Gateway
    private let store: any HistoryStore
    private let exchange: Exchange
    private let input: [Item]
    private let root: String
    private let kind: StoredRecord.Kind
    /// Which of its beginnings this is, from 1.
    private let attempt: Int
    /// Of the turn's record in the store; nil while there is none.
    private var version: UInt64?
    /// A write that is under way.
    private var writing: Task<Void, Never>?
    private var timer: Scheduled<Void>?
    /// No more checkpoints.
    private var isOver = false
    /// A write failed that may have been done after all, as one that came too late: the version isn't sure.
    private var isUnsure = false
    /// What the last checkpoint had of the stream, bytes.
    private var checkpointed = 0

    /// `stored`: the record of a turn that was stored before it began.
    init(
        input: [Item], root: String, kind: StoredRecord.Kind, exchange: Exchange, gateway: Gateway,
        store: any HistoryStore, stored: StoredRecord? = nil
    ) {
        self.kind = stored?.kind ?? kind
        self.input = input
        self.root = root
        self.exchange = exchange
        self.gateway = gateway
        self.store = store
        version = stored?.version
        attempt = stored.flatMap { try? TurnRecord(decoding: $0) }?.attempt ?? 1
    }

    /// Stores a turn of the background before it is acknowledged, and a job that brings it back after a crash.
    func storeQueued(_ live: LiveResponse) async throws(GatewayError) {
        await gateway.replicas?.show()
        let job = record(.job, id: Job.id(of: live.id), value: Array(live.id.utf8))
        try await store.write(
            [.put(turn(live.snapshot, shape: live.shape), if: .absent), .put(job, if: .absent)], owner: exchange.owner,
            durable: gateway.policy.durable)
        version = 1
    }

    /// From now on stores the turn every now and then, until it is committed.
    func startCheckpoints(of live: LiveResponse) {
        guard live.isRecorded, let interval = gateway.policy.checkpointInterval else { return }
        // What is large is written less often: all checkpoints of an answer together stay in proportion to it.
        let factor = 1 + live.shape.bytes.count / (64 << 10)
        timer = exchange.strand.scheduleTask(in: .nanoseconds(interval.nanoseconds * Int64(factor))) {
            self.timer = nil
            let hasMore = live.shape.bytes.count != self.checkpointed
            // A stream that waits, and that nobody else can end, costs nothing but the timer.
            guard hasMore || live.begun.background else { return self.startCheckpoints(of: live) }
            self.writing = Task(executorPreference: EventLoopExecutor(self.exchange.strand)) {
                if hasMore {
                    await self.checkpoint(live)
                } else {
                    await self.lookForCancellation(live)
                }
                self.writing = nil
                if !self.isOver { self.startCheckpoints(of: live) }
            }
        }
    }

    /// The turn ends without having been answered: nothing more is stored of it.
    func abandon() {
        isOver = true
        timer?.cancel()
        timer = nil
    }

    private func checkpoint(_ live: LiveResponse) async {
        await gateway.replicas?.show()
        await findVersion(of: live.id)
        let shape = live.shape
        // Nothing was said yet, and the turn may still fail without anybody knowing its id.
        guard !isOver, !shape.bytes.isEmpty || shape.isLost else { return }
        do throws(GatewayError) {
            try await store.put(
                turn(live.snapshot, shape: shape), if: condition, owner: exchange.owner, durable: false)
            version = (version ?? 0) + 1
            checkpointed = shape.bytes.count
        } catch  where error.kind == .conflict {
            isUnsure = true
            await lookForCancellation(live)
        } catch {
            isUnsure = true
            gateway.logger.debug(
                "a running response could not be stored, and will be again",
                metadata: ["request_id": "\(exchange.id)", "detail": "\(error.detail ?? error.message)"])
        }
    }

    /// Finds the version again, if it isn't sure and the turn is still this server's.
    private func findVersion(of id: String) async {
        guard isUnsure, let record = try? await store.get(id, owner: exchange.owner),
            let turn = try? TurnRecord(decoding: record), !turn.response.status.isTerminal,
            turn.holder == gateway.replicas?.id
        else { return }
        version = record.version
        isUnsure = false
    }

    /// Another server may have ended it, since the client asked that one to.
    private func lookForCancellation(_ live: LiveResponse) async {
        guard live.begun.background else { return }
        if let stored = try? await stored(live.id), stored.response.status == .cancelled { exchange.cancelRequested() }
    }

    /// Stores the turn as it has ended, and adds it to its conversation if it belongs to one. Returns the response as it
    /// is in the store now: that of another server, if that one has ended it.
    func commit(_ final: Response, upstreamResponseID: String?, provider: String?, shape: StreamShape?)
        async throws(GatewayError) -> Response
    {
        abandon()
        await writing?.value
        await findVersion(of: final.id)
        do throws(GatewayError) {
            return try await write(
                final, upstreamResponseID: upstreamResponseID, provider: provider, shape: shape)
        } catch  where error.kind == .timeout {
            // It may have been done after all: then it is what the store says.
            return try await endedElsewhere(final, error)
        }
    }

    private func write(_ final: Response, upstreamResponseID: String?, provider: String?, shape: StreamShape?)
        async throws(GatewayError) -> Response
    {
        let record = ended(final, upstreamResponseID: upstreamResponseID, provider: provider, shape: shape)
        if let id = final.conversationID, final.status == .completed || final.status == .incomplete,
            let conversations = gateway.conversations
        {
            do throws(GatewayError) {
                try await conversations.commit(
                    record, over: version, to: id, owner: exchange.owner, with: endOfJob(final))
                return final
            } catch  where version != nil && Self.isRefusal(error) {
                // The conversation was deleted, or is too long for it. What is in the store of the turn must not seem to
                // be running still.
                var failed = final
                failed.fail(error)
                return try await put(
                    failed, ended(failed, upstreamResponseID: upstreamResponseID, provider: provider, shape: shape))
            } catch  where error.kind == .conflict && version != nil {
                return try await endedElsewhere(final, error)
            }
        }
        return try await put(final, record)
    }

    private func put(_ final: Response, _ record: StoredRecord) async throws(GatewayError) -> Response {
        do throws(GatewayError) {
            try await store.write(
                [.put(record, if: condition)] + endOfJob(final), owner: exchange.owner, durable: gateway.policy.durable)
        } catch  where error.kind == .conflict && version != nil {
            return try await endedElsewhere(final, error)
        } catch  where error.kind == .notFound && version != nil {
            // The store gave up the job or what was there of the turn, for its bounds.
            try await putAlone(record)
        } catch  where error.kind == .tooLarge && version != nil && !final.output.isEmpty {
            // What is in the store must not seem to be running still: it has failed, without its output.
            var failed = final
            failed.fail(error)
            failed.output = []
            return try await put(failed, turn(failed, shape: StreamShape(limit: 0)))
        }
        return final
    }

    /// Whether a conversation will never take the turn.
    private static func isRefusal(_ error: GatewayError) -> Bool {
        switch error.kind {
        case .notFound, .invalidRequest, .tooLarge: true
        default: false
        }
    }

    private func putAlone(_ record: StoredRecord) async throws(GatewayError) {
        do throws(GatewayError) {
            try await store.put(record, if: condition, owner: exchange.owner, durable: gateway.policy.durable)
        } catch  where error.kind == .notFound {
            try await store.put(record, owner: exchange.owner, durable: gateway.policy.durable)
        }
    }

    /// The response as the store has it ended, by another server or by a write that was thought lost. Throws `error` if
    /// it hasn't.
    private func endedElsewhere(_ final: Response, _ error: GatewayError) async throws(GatewayError) -> Response {
        guard let stored = try? await stored(final.id), stored.response.status.isTerminal else { throw error }
        return stored.response
    }

    private func ended(_ final: Response, upstreamResponseID: String?, provider: String?, shape: StreamShape?)
        -> StoredRecord
    {
        var shape = shape
        for event in final.lastEvents { shape?.append(event) }
        return turn(final, upstreamResponseID: upstreamResponseID, provider: provider, shape: shape)
    }

    private func endOfJob(_ final: Response) -> [StoreWrite] {
        final.background ? [.remove(Job.id(of: final.id))] : []
    }

    private var condition: PutCondition { version.map(PutCondition.version) ?? .absent }

    private func stored(_ id: String) async throws(GatewayError) -> TurnRecord? {
        guard let record = try await store.get(id, owner: exchange.owner) else { return nil }
        return try TurnRecord(decoding: record)
    }

    private func turn(
        _ response: Response, upstreamResponseID: String? = nil, provider: String? = nil, shape: StreamShape?
    ) -> StoredRecord {
        let holder = response.status.isTerminal ? nil : gateway.replicas?.id
        let turn = TurnRecord(
            response: response, input: input, upstreamResponseID: upstreamResponseID, provider: provider,
            holder: holder, attempt: attempt, shape: shape
        ).encoded()
        var record = record(kind, id: response.id, value: turn.value)
        record.blobs = turn.blobs
        record.parent = response.previousResponseID
        // In a conversation it gets its place at its end (see `Conversations.commit`).
        record.root = response.conversationID == nil ? root : response.id
        return record
    }

    private func record(_ kind: StoredRecord.Kind, id: String, value: [UInt8]) -> StoredRecord {
        let now = gateway.clock.milliseconds
        return StoredRecord(
            id: id, kind: kind, parent: nil, root: id, created: now,
            expires: gateway.policy.timeToLive.map { now + $0 }, value: value)
    }
}

extension Response {
    /// The events that end its stream.
    var lastEvents: [ResponseEvent] {
        (error.map { [.error($0)] } ?? []) + [terminalEvent]
    }
}
