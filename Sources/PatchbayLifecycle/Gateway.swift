import Logging
import PatchbayModel

/// The request's life, written once for all formats: load history -> route -> provider -> events -> persist ->
/// complete.
///
/// Its functions are to be called from a task that runs on the exchange's strand (the event loop as task executor).
package final class Gateway: Sendable {
    let router: Router
    let store: (any HistoryStore)?
    let policy: GatewayPolicy
    let clock: any Clock
    let logger: Logger
    let live = LiveResponses()
    let background: BackgroundQueue
    let replicas: Replicas?
    /// Nil where there is no store.
    let conversations: Conversations?
    let vault: CompactionVault
    /// In the order of the configuration.
    package let hooks: [HookEntry]
    package let tools: [ServerTool]
    /// Reads the body of a Responses request, as which hooks see requests and give them; nil: they can give none.
    let readRequest: (@Sendable ([UInt8]) throws(GatewayError) -> Request)?
    /// Writes a response as hooks see it; nil: they see none.
    let writeResponse: (@Sendable (Response) -> [UInt8])?
    let toolbox: Toolbox?
    private let startedAt: Int

    /// `store` nil: nothing is kept, and `previous_response_id` is refused. `readRequest` and `writeResponse` are the
    /// format's whose vocabulary the hooks speak.
    package init(
        router: Router, store: (any HistoryStore)?, policy: GatewayPolicy = GatewayPolicy(),
        hooks: [HookEntry] = [], tools: [ServerTool] = [],
        readRequest: (@Sendable ([UInt8]) throws(GatewayError) -> Request)? = nil,
        writeResponse: (@Sendable (Response) -> [UInt8])? = nil, clock: any Clock = SystemClock(),
        process: ProcessIdentity = .unknown, logger: Logger
    ) {
        self.router = router
        self.store = store
        self.policy = policy
        self.hooks = hooks
        self.tools = tools
        self.readRequest = readRequest
        self.writeResponse = writeResponse
        toolbox = Toolbox(tools)
        self.clock = clock
        self.logger = logger
        conversations = store.map { Conversations(store: $0, policy: policy, clock: clock) }
        background = BackgroundQueue(maxRunning: policy.maxBackgroundRunning, maxWaiting: policy.maxBackgroundQueued)
        replicas = store.map { Replicas(store: $0, identity: process, clock: clock, logger: logger) }
        vault = CompactionVault(key: policy.compaction.key, store: store, clock: clock, logger: logger)
        startedAt = clock.seconds
    }

    /// The configured models, in the order of the configuration, patterns left out.
    package var models: [ModelListing] {
        router.names.map { ModelListing(name: $0.name, created: startedAt, provider: $0.provider) }
    }

    /// Answers a request, not streamed; of the background, as it is when it has been stored.
    package func respond(to request: Request, in exchange: Exchange) async throws(GatewayError) -> Response {
        let turn = try await prepare(request, in: exchange)
        if request.background { return try await turn.enqueue() }
        return try await turn.answer(sink: nil)
    }

    /// Answers a request as a stream. Throws only while nothing has been sent; from the first event on it ends with
    /// exactly one terminal event. Returns when the terminal event has been given to the sink.
    package func stream(_ request: Request, in exchange: Exchange, to sink: any ResponseSink) async throws(GatewayError)
    {
        let turn = try await prepare(request, in: exchange)
        guard request.generate else { return try await turn.warm(sink: sink) }
        if let live = turn.live, request.background {
            _ = try await turn.enqueue()
            return try await follow(live, in: exchange, to: sink)
        }
        _ = try await turn.answer(sink: sink)
    }

    /// Everything that can be refused before a provider is asked. `stored`: of a turn that begins anew.
    func prepare(_ request: Request, in exchange: Exchange, stored: StoredRecord? = nil) async throws(GatewayError)
        -> Turn
    {
        var request = request
        if store == nil {
            if request.background { throw Turn.needsStore }
            request.store = false
        }
        let route = try router.route(request.model)
        let tools = try tools(for: request, on: route)
        let history =
            if let stored, stored.parent != nil {
                try await history(beforeStored: stored.id, owner: exchange.owner)
            } else {
                try await history(before: request, owner: exchange.owner, memory: exchange.memory)
            }
        try resolveReferences(in: &request, history: history)
        try checkCalls(of: request, history: history)
        // A turn of the background is made without its client: what happens to that one's connection isn't its business.
        let own =
            request.background ? Exchange(id: exchange.id, owner: exchange.owner, strand: exchange.strand) : exchange
        let prompt = try await prompt(of: request, history: history, owner: exchange.owner)
        return Turn(
            request, history: history, prompt: prompt, route: route, tools: tools, exchange: own, gateway: self,
            stored: stored)
    }
}
