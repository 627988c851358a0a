import NIOCore
import Synchronization

/// The connections that are open: to count them, to tell them that the server stops, and to wait until the last has
/// ended.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var waiters: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a connection until it is closed. False: it is one too many (it is added all the same, to be told so).
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let (fits, isDraining) = state.withLock { state in
            state.channels[id] = channel
            return (state.channels.count <= limit, state.isDraining)
        }
        channel.closeFuture.whenComplete { [self] _ in remove(id) }
        if isDraining { channel.pipeline.fireUserInboundEventTriggered(ServerEvent.drain) }
        return fits
    }

    /// Tells all connections, and those that come late.
    func drain() {
        tell(.drain, isDraining: true)
    }

    func stop() {
        tell(.stop, isDraining: true)
    }

    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    /// Succeeds once no connection is left.
    func whenEmpty(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            if !state.channels.isEmpty { state.waiters.append(promise) }
            return state.channels.isEmpty
        }
        if isEmpty { promise.succeed() }
        return promise.futureResult
    }

    private func tell(_ event: ServerEvent, isDraining: Bool) {
        let channels = state.withLock { state in
            state.isDraining = isDraining
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(event) }
    }

    private func remove(_ id: ObjectIdentifier) {
        let waiters = state.withLock { state -> [EventLoopPromise<Void>] in
            state.channels[id] = nil
            guard state.channels.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.succeed() }
    }
}
