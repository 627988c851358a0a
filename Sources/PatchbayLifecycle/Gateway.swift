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
    let toolbox: Toolbox?
    /// Reads the body of a Responses request, as which hooks see requests and give them; nil: they can give none.
    let readRequest: (@Sendable ([UInt8]) throws(GatewayError) -> Request)?
    /// Writes a response as hooks see it; nil: they see none.
    let writeResponse: (@Sendable (Response) -> [UInt8])?
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
        toolbox = Toolbox(tools)
        self.readRequest = readRequest
        self.writeResponse = writeResponse
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
        router.names.compactMap { model($0) }
    }

    /// A model that is served, also by a pattern; nil: there is none of that name.
    package func model(_ name: String) -> ModelListing? {
        router.listing(name).map {
            ModelListing(name: name, created: startedAt, provider: $0.provider, capabilities: $0.capabilities)
        }
    }

    /// Answers a request, not streamed; of the background, as it is when it has been stored.
    package func respond(to request: Request, in exchange: Exchange) async throws(GatewayError) -> Response {
        if !hooks.isEmpty { return try await respondThroughHooks(to: request, in: exchange) }
        let turn = try await prepare(request, in: exchange)
        if request.background { return try await turn.enqueue() }
        return try await turn.answer(sink: nil)
    }

    /// Answers a request as a stream. Throws only while nothing has been sent; from the first event on it ends with
    /// exactly one terminal event. Returns when the terminal event has been given to the sink.
    package func stream(_ request: Request, in exchange: Exchange, to sink: any ResponseSink) async throws(GatewayError)
    {
        if !hooks.isEmpty { return try await streamThroughHooks(request, in: exchange, to: sink) }
        let turn = try await prepare(request, in: exchange)
        guard request.generate else {
            _ = try await turn.warm(sink: sink)
            return
        }
        if let live = turn.live, request.background {
            _ = try await turn.enqueue()
            return try await follow(live, in: exchange, to: sink)
        }
        _ = try await turn.answer(sink: sink)
    }

    /// Everything that can be refused before a provider is asked. `stored`: of a turn that begins anew.
    func prepare(_ request: Request, in exchange: Exchange, stored: StoredRecord? = nil, hooks: HookRun? = nil)
        async throws(GatewayError) -> Turn
    {
        var request = request
        if store == nil {
            if request.background { throw Turn.needsStore }
            request.store = false
        }
        // A turn of the background is made without its client: what happens to that one's connection isn't its business.
        let own =
            request.background ? Exchange(id: exchange.id, owner: exchange.owner, strand: exchange.strand) : exchange
        // What was stored of a turn has passed the hooks.
        if let hooks, stored == nil { request = try await hooks.request(request) }
        var loaded = try await load(request, owner: exchange.owner, memory: exchange.memory, stored: stored)
        if let hooks {
            loaded.route = try await hooks.route(loaded.route, of: loaded.request)
            hooks.move(to: own)
        }
        return Turn(
            loaded.request, history: loaded.history, prompt: loaded.prompt, route: loaded.route,
            tools: try tools(for: loaded.request, on: loaded.route), exchange: own, gateway: self, stored: stored,
            hooks: hooks)
    }

    /// A request with what it continues, checked: all that a provider's request is made of.
    struct Loaded {
        var request: Request
        var history: History
        var prompt: Prompt
        var route: Route
    }

    /// Loads what a request continues, and checks it against that. `stored`: of a turn that begins anew.
    func load(
        _ request: Request, for kind: ModelCapabilities.Kinds = .answers, owner: String, memory: SessionMemory? = nil,
        stored: StoredRecord? = nil
    ) async throws(GatewayError) -> Loaded {
        var request = request
        // A model that isn't served is told before anything is loaded.
        let known = request.model.isEmpty ? nil : try router.route(request.model, for: kind)
        let history =
            if let stored, stored.parent != nil {
                try await history(beforeStored: stored.id, owner: owner)
            } else {
                try await history(before: request, owner: owner, memory: memory)
            }
        try request.takeModel(from: history)
        let route = if let known { known } else { try router.route(request.model, for: kind) }
        try resolveReferences(in: &request, history: history)
        try checkCalls(of: request, history: history)
        let prompt = try await prompt(of: request, history: history, owner: owner)
        return Loaded(request: request, history: history, prompt: prompt, route: route)
    }
}
