import CPatchbay

/// One request on its way through the points. Its visits come one after another, and `close` after the last; only a
/// deferred visit's verdict comes from elsewhere, and touches nothing here.
///
/// What decides the answer is seen at three points: the fields at `request`, the prompt with its history at
/// `history_loaded`, and who is to answer at `route`. At the last of them that comes the request is looked up.
final class Request {
    private enum Stage {
        /// Not all that decides the answer has been seen.
        case gathering
        /// The answer is written down.
        case recording(Ticket)
        /// Nothing more is done for it: it was answered, its answer was kept, or it can't be kept.
        case done
    }

    private let cache: Cache
    /// Empty where owners share.
    private let owner: [UInt8]
    private var stage = Stage.gathering
    private var fields: Fingerprint?
    private var prompt: Fingerprint?
    private var route: Fingerprint?
    private var provider = ""
    private var recording = Recording()
    private var hasEnded = false

    init(_ cache: Cache, owner: [UInt8]) {
        self.cache = cache
        self.owner = cache.configuration.isShared ? [] : owner
    }

    // MARK: The points. Those that decide answer as pbay_hooks.visit: PBAY_OK or PBAY_DEFER.

    func requestCame(visit: UInt64) {
        guard case .gathering = stage else { return }
        fields = document(visit).flatMap { Documents.fields($0, cache.configuration) }
        if fields == nil { stage = .done }
    }

    func historyLoaded(round: UInt32, visit: UInt64) -> Int32 {
        // Without its fields (a request of which only this point is seen) it can't be told from others. And where the
        // provider is asked again, what it says isn't what the prompt alone led to.
        guard case .gathering = stage, fields != nil, round == 0 else {
            giveUp()
            return Int32(PBAY_OK)
        }
        prompt = document(visit).flatMap { Documents.prompt($0) }
        if prompt == nil { stage = .done }
        return lookUp(visit)
    }

    func routed(visit: UInt64) -> Int32 {
        guard case .gathering = stage else { return Int32(PBAY_OK) }
        if let found = document(visit).flatMap({ Documents.route($0) }) {
            (route, provider) = found
        } else {
            stage = .done
        }
        return lookUp(visit)
    }

    /// Another provider, or the same one after a failure: not what this request should be answered with next time.
    func attemptFailed() { giveUp() }

    /// Whether what the provider says is of interest.
    var isRecording: Bool {
        if case .recording = stage { true } else { false }
    }

    func said(_ event: Recording.Event) {
        guard isRecording else { return }
        let size = Entry.size(events: recording.bytes.count + Recording.size(of: event), provider: provider)
        guard size <= cache.configuration.maxEntryBytes, event.kind < 256,
            cache.configuration.toolCalls || !event.isToolCall
        else { return giveUp() }
        recording.append(event)
    }

    func providerEnded() { hasEnded = true }

    func completed(visit: UInt64) {
        guard case .recording(let ticket) = stage else { return }
        // Without an end it was answered while it waited: what is complete now is what is kept already.
        guard hasEnded,
            let response = cache.host.document(visit, limit: Self.maxResponseBytes).flatMap({ Documents.response($0) })
        else { return giveUp() }
        let size = Entry.size(events: recording.bytes.count, provider: provider)
        guard size <= cache.configuration.maxEntryBytes else { return giveUp() }
        stage = .done
        cache.keep(ticket, events: recording.take(), usage: response.usage, provider: provider)
    }

    /// A deferred visit isn't waited for any more.
    func cancelled() {
        if case .recording(let ticket) = stage { cache.cancel(ticket) }
    }

    func closed() { giveUp() }

    /// Nil where there is none, or where it is larger than is looked at.
    private func document(_ visit: UInt64) -> [UInt8]? {
        cache.host.document(visit, limit: cache.configuration.maxPromptBytes)
    }

    /// A response repeats the request's tools and instructions.
    private static let maxResponseBytes = 64 << 20

    // MARK: What follows

    private func lookUp(_ visit: UInt64) -> Int32 {
        guard case .gathering = stage, let fields, let prompt, let route else { return Int32(PBAY_OK) }
        let key = Fingerprint.of { maker in
            maker.add(owner)
            maker.add(fields)
            maker.add(prompt)
            maker.add(route)
        }
        switch cache.decide(key, visit: visit) {
        case .answer(let entry):
            stage = .done
            cache.answer(visit, entry)
            return Int32(PBAY_OK)
        case .lead(let ticket):
            stage = .recording(ticket)
            cache.host.note(visit, isHit: false)
            return Int32(PBAY_OK)
        case .wait(let ticket):
            // The visit may have its verdict already; what follows from that comes on this strand, and later.
            stage = .recording(ticket)
            return Int32(PBAY_DEFER)
        }
    }

    private func giveUp() {
        if case .recording(let ticket) = stage { cache.giveUp(ticket) }
        stage = .done
        _ = recording.take()
    }
}

extension Recording.Event {
    /// A call by its own event, or one of the whole items that end in `_call`, such as `custom_tool_call`.
    fileprivate var isToolCall: Bool {
        switch kind {
        case Self.toolCall: return true
        case Self.item:
            let item = try? JSONDocument.parse(text, limits: .stored).root
            return item?["type"]?.string?.hasSuffix("_call") ?? true
        default: return false
        }
    }
}
