import Logging
import NIOCore
import PatchbayModel
import Synchronization

/// What hooks can do for one request besides their verdicts: its bag, and asking a model.
final class RequestServices: HookServices {
    private struct State {
        var values: [String: [UInt8]] = [:]
        /// Of names and values.
        var bytes = 0
        var asking: [Int: Exchange] = [:]
        var asked = 0
        var isOver = false
    }

    private static let maxValues = 64
    private static let maxBytes = 1 << 20
    private static let maxName = 128
    /// At a time.
    private static let maxAsking = 32
    /// The most text of a model's answer.
    private static let maxAnswerBytes = 1 << 20

    private let gateway: Gateway
    private let id: String
    private let owner: String
    private let strand: any EventLoop
    private let state = Mutex(State())

    init(gateway: Gateway, exchange: Exchange) {
        self.gateway = gateway
        id = exchange.id
        owner = exchange.owner
        strand = exchange.strand
    }

    // MARK: The bag

    func put(_ value: [UInt8], named name: String) throws(GatewayError) {
        guard (1...Self.maxName).contains(name.utf8.count) else {
            throw .invalid("A value's name has 1 to \(Self.maxName) bytes.", param: nil)
        }
        let fits = state.withLock { state in
            let old = state.values[name]
            let bytes = state.bytes - (old.map { $0.count + name.utf8.count } ?? 0)
            if value.isEmpty {
                state.values[name] = nil
                state.bytes = bytes
                return true
            }
            let total = bytes + value.count + name.utf8.count
            guard total <= Self.maxBytes, old != nil || state.values.count < Self.maxValues else { return false }
            state.values[name] = value
            state.bytes = total
            return true
        }
        guard fits else {
            throw GatewayError(
                .tooLarge,
                "The bag of a request holds at most \(Self.maxValues) values and \(Self.maxBytes) bytes together.")
        }
    }

    func value(named name: String) -> [UInt8]? {
        state.withLock { $0.values[name] }
    }

    // MARK: Asking a model

    func ask(_ body: [UInt8], done: @escaping @Sendable (Result<String, GatewayError>) -> Void) throws(GatewayError) {
        let (request, route) = try readQuestion(body)
        let exchange = Exchange(id: id, owner: owner, strand: strand)
        let number: Int? = state.withLock { state in
            guard !state.isOver, state.asking.count < Self.maxAsking else { return nil }
            state.asked += 1
            state.asking[state.asked] = exchange
            return state.asked
        }
        guard let number else {
            throw GatewayError(.overloaded, "At most \(Self.maxAsking) questions of a request are asked at a time.")
        }
        Task(executorPreference: EventLoopExecutor(strand)) {
            let answer = await self.answer(request, by: route, in: exchange)
            self.state.withLock { _ = $0.asking.removeValue(forKey: number) }
            self.strand.execute { done(answer) }
        }
    }

    /// Nobody waits for the answers any more. On the strand.
    func cancelAsking() {
        for exchange in state.withLock({ Array($0.asking.values) }) { exchange.cancelRequested() }
    }

    /// The request has ended. On the strand.
    func end() {
        state.withLock { $0.isOver = true }
        cancelAsking()
    }

    /// What is asked, and of whom, or why it can't be.
    private func readQuestion(_ body: [UInt8]) throws(GatewayError) -> (Request, Route) {
        guard let read = gateway.readRequest else {
            throw GatewayError(.internal, "This server can't read a hook's request.")
        }
        var request = try read(body)
        guard request.previousResponseID == nil, request.conversationID == nil else {
            throw .invalid("A hook's request continues nothing: it says all in 'input'.", param: "input")
        }
        guard !request.input.contains(where: { $0.type == "item_reference" || $0.type.hasPrefix("compaction") }) else {
            throw .invalid("A hook's request has no references and no compactions.", param: "input")
        }
        request.stream = false
        request.store = false
        request.background = false
        var route = try gateway.router.route(request.model)
        for name in ["tools", "tool_choice", "parallel_tool_calls", "context_management"] {
            request.fields[name] = nil
            route.defaults[name] = nil
            for index in route.fallbacks.indices { route.fallbacks[index].defaults[name] = nil }
        }
        return (request, route)
    }

    /// As in a turn, a provider that fails before its first word, and in a way that another need not, gives way to the
    /// next.
    private func answer(_ request: Request, by route: Route, in exchange: Exchange) async -> Result<
        String, GatewayError
    > {
        let start = gateway.clock.milliseconds
        var route = route
        var others = route.fallbacks[...]
        while true {
            let run = QuietRun(exchange: exchange, maxBytes: Self.maxAnswerBytes)
            do throws(GatewayError) {
                try await ask(route, request, run, in: exchange, since: start)
                return .success(run.text)
            } catch {
                guard error.isElsewhereAvoidable, !run.wasTold, exchange.cancelled == nil,
                    let other = others.popFirst()
                else {
                    gateway.logFailure(error, "a hook's question was not answered", exchange)
                    return .failure(error)
                }
                gateway.logFailure(error, "a provider failed at a hook's question and the next is asked", exchange)
                route = other
            }
        }
    }

    private func ask(_ route: Route, _ request: Request, _ run: QuietRun, in exchange: Exchange, since start: Int64)
        async throws(GatewayError)
    {
        let prompt = Prompt(summary: nil, items: request.input.map { $0.body[...] })
        let spent = Int(gateway.clock.milliseconds - start)
        let body = ProviderRequest(
            request, prompt: prompt, route: route, exchange: exchange, conversation: "",
            timeout: gateway.policy.answerTimeout.map { max(1, $0 - spent) })
        let end = try await run.perform { strand, receiver throws(GatewayError) in
            try route.provider.begin(body, on: strand, receiver: receiver)
        }
        if case .failed(let error) = end?.outcome { throw error }
    }
}
