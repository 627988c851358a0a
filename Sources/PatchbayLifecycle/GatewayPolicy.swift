import NIOCore

/// What a deployment has decided about the life of requests. The defaults are those of the configuration.
package struct GatewayPolicy: Sendable {
    /// What becomes of a turn that is to be stored when its client goes away.
    package enum OnDisconnect: Sendable, Hashable {
        /// The provider is cancelled; the partial turn is kept as incomplete.
        case cancel
        /// The provider goes on, and the turn is kept as if the client had stayed.
        case finish
    }

    /// What becomes of a background response whose server ended before it.
    package enum OnRestart: Sendable, Hashable {
        /// It has failed.
        case fail
        /// It begins anew.
        case restart
    }

    package var onDisconnect: OnDisconnect
    package var onRestart = OnRestart.fail
    /// How many background responses run at once, and how many more wait.
    package var maxBackgroundRunning = 64
    package var maxBackgroundQueued = 1000
    /// How often a running stream is stored as far as it got, so that other servers can follow it; nil: never.
    package var checkpointInterval: TimeAmount? = .seconds(2)
    /// The most that is kept of a stream's shape, bytes; a stream that needs more can't be taken up again.
    package var maxShapeBytes = 1 << 20
    /// How often a stream is looked for that another server makes.
    package var pollInterval = TimeAmount.milliseconds(500)
    /// How long a stream's first events wait for the provider's first word (see `ProviderRun`).
    package var firstEventGrace: TimeAmount
    /// Milliseconds for a whole answer; nil: no limit.
    package var answerTimeout: Int?
    /// The largest answer, bytes of text, arguments and items.
    package var maxAnswerBytes: Int
    /// The longest chain of turns, and the bytes of its records.
    package var maxChainDepth: Int
    package var maxChainBytes: Int
    /// Milliseconds that a turn is kept after it was made; nil: for ever.
    package var timeToLive: Int64?
    /// Whether a turn is acknowledged only when it survives a crash of the machine.
    package var durable: Bool
    /// How often tools are run for one answer; after that the model is asked once more, and may call nothing.
    package var toolRounds = 16
    /// How conversations are compacted.
    package var compaction = CompactionPolicy()

    package init(
        onDisconnect: OnDisconnect = .cancel, firstEventGrace: TimeAmount = .seconds(1), answerTimeout: Int? = nil,
        maxAnswerBytes: Int = 32 << 20, maxChainDepth: Int = 1000, maxChainBytes: Int = 64 << 20,
        timeToLive: Int64? = nil, durable: Bool = true
    ) {
        self.onDisconnect = onDisconnect
        self.firstEventGrace = firstEventGrace
        self.answerTimeout = answerTimeout
        self.maxAnswerBytes = maxAnswerBytes
        self.maxChainDepth = maxChainDepth
        self.maxChainBytes = maxChainBytes
        self.timeToLive = timeToLive
        self.durable = durable
    }
}
