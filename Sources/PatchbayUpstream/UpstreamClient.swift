import Logging
import NIOCore
import Synchronization

/// The HTTP/1.1 client that the host lends to its plugins, one a process. Each event loop has its own pools, and a call
/// lives on the loop that it was started on, so that nothing on the way of its bytes is locked, scheduled or awaited.
package final class UpstreamClient: Sendable {
    private let configuration: UpstreamConfiguration
    private let logger: Logger
    private let tls: TLSContextCache
    private let state = Mutex(State())

    private struct State {
        var pools: [ObjectIdentifier: NIOLoopBound<LoopPool>] = [:]
        var isShutDown = false
    }

    package init(configuration: UpstreamConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.tls = TLSContextCache(additionalTrustRoots: configuration.additionalTrustRoots)
    }

    /// Sends a request. Must be called on `loop`, which must be one of a `MultiThreadedEventLoopGroup`.
    ///
    /// - Returns: the call; `delegate` will hear of it after this function has returned, and `upstreamDone` is sure to
    ///   come.
    /// - Throws: when the request can't be accepted; then nothing was sent, and `delegate` hears nothing.
    package func start(
        _ request: UpstreamRequest, on loop: any EventLoop, delegate: any UpstreamDelegate
    ) throws(UpstreamRequestError) -> UpstreamCall {
        loop.preconditionInEventLoop()
        guard let pool = pool(of: loop) else {
            throw UpstreamRequestError(.shutDown, "the HTTP client is shut down")
        }
        return try pool.start(request, delegate: delegate)
    }

    /// Reads the system's certificates, so that the first `https` call needn't wait for it. Its failure is reported by
    /// the calls that need them.
    package func prepareTLS(on loop: any EventLoop) -> EventLoopFuture<Void> {
        tls.context(on: loop).map { _ in }
    }

    /// Takes no more requests and closes idle connections; calls that were accepted go on to their end, which closes
    /// theirs.
    package func shutdown() {
        let pools = state.withLock { state in
            state.isShutDown = true
            return Array(state.pools.values)
        }
        for pool in pools {
            pool.eventLoop.execute { pool.value.shutdown() }
        }
    }

    private func pool(of loop: any EventLoop) -> LoopPool? {
        let bound: NIOLoopBound<LoopPool>? = state.withLock { state in
            if state.isShutDown { return nil }
            if let pool = state.pools[ObjectIdentifier(loop)] { return pool }
            let pool = NIOLoopBound(
                LoopPool(loop: loop, configuration: configuration, tls: tls, logger: logger), eventLoop: loop)
            state.pools[ObjectIdentifier(loop)] = pool
            return pool
        }
        return bound?.value
    }
}
