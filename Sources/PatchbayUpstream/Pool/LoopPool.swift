import Logging
import NIOCore
import NIOHTTP1

/// All that one event loop has: its pools, its calls, and the one timer that keeps their time limits. Only touched on
/// the loop.
final class LoopPool {
    let loop: any EventLoop
    let configuration: UpstreamConfiguration
    let tls: TLSContextCache
    let logger: Logger
    private(set) var isShutDown = false

    /// A delegate, or a function that a delegate may have called, is on the stack: nobody's delegate may be called now.
    private(set) var isInCallout = false

    private var pools: [Destination: DestinationPool] = [:]
    private var targets: [String: Target] = [:]
    private var calls: [UpstreamCall] = []
    private var sweep: (deadline: NIODeadline, task: Scheduled<Void>)?

    /// What a URL comes to; kept, because a plugin calls few URLs many times.
    private struct Target {
        let uri: String
        let authority: String
        let pool: DestinationPool
    }

    init(loop: any EventLoop, configuration: UpstreamConfiguration, tls: TLSContextCache, logger: Logger) {
        self.loop = loop
        self.configuration = configuration
        self.tls = tls
        self.logger = logger
    }

    func start(
        _ request: UpstreamRequest, delegate: any UpstreamDelegate
    ) throws(UpstreamRequestError) -> UpstreamCall {
        let target = try target(of: request.url)
        defer { target.pool.removeIfUnused() }
        let head = try RequestHead.make(
            request, uri: target.uri, authority: target.authority, proxy: target.pool.destination.route,
            userAgent: configuration.userAgent)
        let call = UpstreamCall(request, head: head, pool: target.pool, delegate: delegate)
        guard target.pool.admits(call) else {
            throw UpstreamRequestError(
                .queueFull,
                "\(configuration.maxQueuedPerDestination) calls wait for a connection to \(target.authority)")
        }
        call.index = calls.count
        calls.append(call)
        callout { target.pool.acquire(call) }
        arm(call.nextDeadline)
        return call
    }

    /// Runs what may reach a delegate's code, or came from there, with all other deliveries put off.
    func callout(_ body: () -> Void) {
        let before = isInCallout
        isInCallout = true
        body()
        isInCallout = before
    }

    func remove(_ call: UpstreamCall) {
        let index = call.index
        guard index >= 0, index < calls.count, calls[index] === call else { return }
        calls.swapAt(index, calls.count - 1)
        calls[index].index = index
        calls.removeLast()
        call.index = -1
    }

    /// Forgets a pool that has neither connections nor calls.
    func remove(_ pool: DestinationPool) {
        guard pools[pool.destination] === pool else { return }
        pools[pool.destination] = nil
        targets.removeAll()
    }

    func shutdown() {
        isShutDown = true
        for pool in Array(pools.values) { pool.closeIdle() }
    }

    private func target(of text: String) throws(UpstreamRequestError) -> Target {
        if let target = targets[text] { return target }
        let url = try UpstreamURL(text)
        let proxy = configuration.proxies.proxy(for: url)
        if proxy != nil, url.isTLS, url.host.address != nil {
            throw UpstreamRequestError(
                .invalidURL, "the URL is https to an IP address, whose certificate can't be checked through a proxy")
        }
        let destination = Destination(url, proxy: proxy)
        let pool = pools[destination] ?? DestinationPool(destination, owner: self)
        pools[destination] = pool
        var uri = url.target
        if case .forward = destination.route { uri = url.absoluteForm }
        let target = Target(uri: uri, authority: url.authority, pool: pool)
        if targets.count >= 256 { targets.removeAll() }
        targets[text] = target
        return target
    }
}

// MARK: Time limits

extension LoopPool {
    /// Sees to it that a sweep comes at `deadline` or before.
    func arm(_ deadline: NIODeadline) {
        guard deadline < .distantFuture else { return }
        if let sweep, sweep.deadline <= deadline { return }
        sweep?.task.cancel()
        let task = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.sweepNow() }
        sweep = (deadline, task)
    }

    private func sweepNow() {
        sweep = nil
        let now = NIODeadline.now()
        for call in calls.filter({ $0.nextDeadline <= now }) { call.expire(at: now) }
        var next = NIODeadline.distantFuture
        for call in calls { next = min(next, call.nextDeadline) }
        for pool in Array(pools.values) { next = min(next, pool.closeIdle(at: now)) }
        // A deadline that has passed meanwhile is for the next turn, so that a sweep never waits on itself.
        arm(max(next, now + .milliseconds(1)))
    }
}
