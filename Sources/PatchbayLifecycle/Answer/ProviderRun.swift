import NIOCore
import PatchbayModel

/// One call of a provider, from begin to end, and the answer that it makes. Confined to the exchange's strand, which
/// is checked at every entry.
///
/// A streamed answer's first events are held back until the provider has said something or `grace` has passed: a
/// provider that fails at once is answered with an HTTP status and not with a broken stream.
final class ProviderRun: ProviderReceiver, @unchecked Sendable {
    private let exchange: Exchange
    private let sink: (any ResponseSink)?
    /// Who is visited on the way; nil where no hook is configured.
    private let hooks: HookRun?
    private let maxBytes: Int
    private let live: LiveResponse?
    private var response: Response
    private var builder: AnswerBuilder
    /// Finds calls in the text; nil where none are looked for.
    private var extractor: MarkupExtractor?
    /// Shows the events to hooks; nil where none wants them.
    private var stage: EventStage?
    /// Events are the answer's as they come: there is neither of the two.
    private var isDirect = true
    private var call: (any ProviderCall)?
    private var waiter: CheckedContinuation<Void, Never>?
    /// Set once the run itself has found the answer unacceptable; it wins over how the provider ends.
    private var verdict: GatewayError?
    private var ended: ProviderEnd?
    /// No more events count: there is a verdict or an end.
    private var isOver = false
    private var graceTimer: Scheduled<Void>?
    /// Whether the client has been sent anything.
    private(set) var hasBegun = false

    /// `live`: what others see of the response while it is made.
    init(
        exchange: Exchange, sink: (any ResponseSink)?, live: LiveResponse?, response: Response, maxBytes: Int,
        rules: ToolRules, serverTools: Set<String> = [], hooks: HookRun?
    ) {
        self.hooks = hooks
        self.maxBytes = maxBytes
        self.exchange = exchange
        self.sink = sink
        self.live = live
        self.response = response
        builder = AnswerBuilder(maxBytes: maxBytes, rules: rules, serverTools: serverTools)
    }

    /// From now on others see what is made. To be called before anything is.
    func open() {
        live?.start(self)
        hooks?.run = self
        if response.background { announce() }
    }

    /// Asks a provider. Throws what its `begin` throws: then nothing happened; else `end` is to be awaited. Both may be
    /// called again for as long as no provider has said anything. `extractor`: finds calls in this provider's text.
    ///
    /// Not a part of `end`, since what it needs would be held while the provider answers.
    @inline(never)
    func begin(
        _ request: ProviderRequest, by provider: any Provider, extractor: MarkupExtractor?, grace: TimeAmount
    ) throws(GatewayError) {
        exchange.strand.preconditionInEventLoop()
        (ended, verdict, isOver) = (nil, nil, false)
        self.provider = provider.name
        self.extractor = extractor
        stage = hooks.flatMap { EventStage($0, run: self, limit: maxBytes) }
        isDirect = extractor == nil && stage == nil
        let call = try provider.begin(request, on: exchange.strand, receiver: self)
        self.call = call
        stage?.attach(call)
        exchange.attach(stage ?? call)
        beginGrace(grace)
    }

    /// Returns when the provider has ended.
    func end() async -> ProviderEnd {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            if ended != nil { continuation.resume() } else { waiter = continuation }
        }
        return takeEnd()
    }

    @inline(never)
    private func takeEnd() -> ProviderEnd {
        endGrace()
        exchange.detach()
        stage = nil
        return ended ?? ProviderEnd(.failed(GatewayError(.internal, "The provider ended without an end.")))
    }

    /// From now on the client waits: after `grace` it is told that the answer has begun. By `begin` at last.
    func beginGrace(_ grace: TimeAmount) {
        guard sink != nil, graceTimer == nil else { return }
        graceTimer = exchange.strand.scheduleTask(in: grace) { self.announce() }
    }

    /// Nothing will come: the client isn't told that the answer has begun.
    func endGrace() {
        graceTimer?.cancel()
        graceTimer = nil
    }

    /// Puts an item of the host's own before what the provider will say.
    func insert(compaction item: Item) throws(GatewayError) {
        announce()
        try builder.add(compaction: item) { emit($0) }
    }

    /// Whether a provider has said anything in this round, be it acceptable or not.
    private(set) var wasTold = false
    /// The provider that was asked last.
    var provider: String?
    /// The provider of the rounds before; empty where there were several.
    private var earlier: String?
    /// Who made the answer: the one provider that can read its encrypted reasoning; empty where several made it.
    var author: String? {
        guard let earlier else { return provider }
        return provider == nil || provider == earlier ? earlier : ""
    }
    /// How often tools have been run for this answer.
    private(set) var round = 0

    /// Whether the answer holds anything.
    var hasOutput: Bool { !builder.slots.isEmpty }

    /// How many calls of tools were one too many (see `ToolRules`).
    var ignoredCalls: Int { builder.rules.ignored }

    /// What may be called in this round.
    var rules: ToolRules { builder.rules }
    var itemCount: Int { builder.slots.count }

    /// The items so far, what is open of them as it stands.
    var items: [OutputItem] { builder.slots.indices.map(builder.item) }
    var output: [Item] { items.map(\.item) }

    func item(_ index: Int) -> OutputItem? {
        builder.slots.indices.contains(index) ? builder.item(index) : nil
    }

    /// Closes the items that are open. To be called once, after `end`; returns the output.
    func close(as status: OutputItem.Status) -> [Item] {
        builder.finish(status: status, emit: emit)
        return builder.output
    }

    /// The provider has ended well, and tools may have to be run: closes the items that it left open.
    func endRound() {
        builder.finish(status: .completed, emit: emit)
    }

    /// Adds what came of a call that the server has made.
    func add(output item: Item) throws(GatewayError) {
        try builder.add(output: item, emit)
    }

    /// Tools have been run: a provider is asked again, by these rules.
    func beginRound(_ rules: ToolRules) {
        round += 1
        earlier = author
        wasTold = false
        builder.rules = rules
        builder.pendingLogprobs = []
        hooks?.round = round
    }

    /// Puts other items in the place of the answer's. To be called after `close`, while the client has been sent
    /// nothing.
    func replaceOutput(_ items: [Item]) {
        announce()
        try? builder.replace(with: items, emit)
    }

    /// Gives a last event to the client, where the answer is streamed.
    func send(_ event: ResponseEvent) {
        announce()
        emit(event)
    }

    // MARK: ProviderReceiver

    func receive(_ event: ProviderEvent) -> Demand {
        guard !isOver else { return .more }
        wasTold = true
        if !hasBegun, stage == nil { announce() }
        var demand = Demand.more
        do throws(GatewayError) {
            if isDirect {
                try take(event, &demand)
            } else {
                try takeIndirectly(event, &demand)
            }
        } catch {
            refuse(error)
        }
        return demand
    }

    func end(_ end: ProviderEnd) {
        guard ended == nil else { return }
        if !isOver { finishMarkup(end) }
        // An attempt that failed before its first word is no answer.
        guard let stage, wasTold || end.outcome.error == nil else { return conclude(end) }
        isOver = true
        stage.end(end)
    }

    // MARK: Hooks

    /// The answer is unacceptable: the provider is told to stop, and whatever it ends with, this is the end.
    func refuse(_ error: GatewayError) {
        guard verdict == nil else { return }
        verdict = error
        // Also of an answer without a word: nobody else is asked.
        wasTold = true
        if !isOver { call?.cancel(.limit) }
        isOver = true
        stage?.stop()
    }

    /// The hooks have let an event pass.
    func deliver(_ event: ProviderEvent) -> Demand {
        if !hasBegun { announce() }
        var demand = Demand.more
        do throws(GatewayError) {
            try take(event, &demand)
        } catch {
            refuse(error)
        }
        return demand
    }

    /// The provider has ended, and all that it said is the answer's.
    func conclude(_ end: ProviderEnd) {
        guard ended == nil else { return }
        for call in extractor?.cutCalls ?? [] { builder.cutCall(call, emit) }
        var end = end
        if let verdict { end.outcome = .failed(verdict) }
        ended = end
        isOver = true
        waiter?.resume()
        waiter = nil
    }

    /// Sends the first two events of a stream, once; of the background, what follows those that it began with.
    func announce() {
        guard !hasBegun, ended == nil || !isFailure, sink != nil || response.background else { return }
        hasBegun = true
        if !response.background { emit(.created(response)) }
        var response = response
        response.status = .inProgress
        emit(.inProgress(response))
    }

    // MARK: Private

    private func take(_ event: ProviderEvent, _ demand: inout Demand) throws(GatewayError) {
        if case .text(let text) = event, let delta = try builder.extendText(text) {
            live?.record(delta)
            if sink?.send(delta) == .pause { demand = .pause }
            return
        }
        try builder.receive(event) { event in
            live?.record(event)
            if sink?.send(event) == .pause { demand = .pause }
        }
    }

    /// Through the extractor, and to the hooks.
    @inline(never)
    private func takeIndirectly(_ event: ProviderEvent, _ demand: inout Demand) throws(GatewayError) {
        guard let extractor else { return try pass(event, &demand) }
        try extractor.receive(event) { event throws(GatewayError) in try pass(event, &demand) }
    }

    private func pass(_ event: ProviderEvent, _ demand: inout Demand) throws(GatewayError) {
        guard let stage else { return try take(event, &demand) }
        if try stage.receive(event) == .pause { demand = .pause }
    }

    /// What the extractor has held back comes out.
    private func finishMarkup(_ end: ProviderEnd) {
        guard let extractor else { return }
        let isWhole = if case .stop = end.outcome { true } else { false }
        do throws(GatewayError) {
            var demand = Demand.more
            try extractor.finish(isWhole: isWhole) { event throws(GatewayError) in try pass(event, &demand) }
        } catch {
            verdict = error
            isOver = true
            stage?.stop()
        }
    }

    private func emit(_ event: ResponseEvent) {
        live?.record(event)
        _ = sink?.send(event)
    }

    private var isFailure: Bool {
        if case .failed = ended?.outcome { true } else { false }
    }
}
