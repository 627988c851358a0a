import NIOCore

/// The connections of one loop to one destination, and the calls that wait for one.
final class DestinationPool {
    let destination: Destination
    let owner: LoopPool

    /// Oldest first; the youngest is used first.
    private var idle: [UpstreamConnection] = []
    private var waiting = CircularBuffer<UpstreamCall>()
    /// Open or being made.
    private var connections = 0
    private var attempts = 0

    private var configuration: UpstreamConfiguration { owner.configuration }

    init(_ destination: Destination, owner: LoopPool) {
        self.destination = destination
        self.owner = owner
    }

    /// Whether there is room to wait, or no need to.
    func admits(_ call: UpstreamCall) -> Bool {
        !idle.isEmpty || connections < configuration.maxConnectionsPerDestination
            || waiting.count - attempts < configuration.maxQueuedPerDestination
    }

    /// Puts the call on an idle connection, or in the queue for one.
    func acquire(_ call: UpstreamCall) {
        while !call.needsFreshConnection, let connection = idle.popLast() {
            guard connection.isOpen else { continue }
            connection.run(call)
            return
        }
        // A call that is sent again was here before the others.
        if call.needsFreshConnection { waiting.prepend(call) } else { waiting.append(call) }
        connectIfNeeded()
    }

    /// The call has ended while it waited.
    func abandon(_ call: UpstreamCall) {
        waiting.removeAll { $0 === call }
        removeIfUnused()
    }

    /// The connection's exchange is over, and it can take another.
    func release(_ connection: UpstreamConnection) {
        if let index = waiting.firstIndex(where: { !$0.needsFreshConnection }) {
            connection.run(waiting.remove(at: index))
            return
        }
        if owner.isShutDown {
            connection.close()
            return
        }
        connection.idleSince = .now()
        idle.append(connection)
        owner.arm(connection.idleSince + configuration.idleTimeout)
        if idle.count > configuration.maxIdlePerDestination { idle.removeFirst().close() }
        connectIfNeeded()
    }

    /// The connection is closed, for whatever reason.
    func closed(_ connection: UpstreamConnection) {
        connections -= 1
        idle.removeAll { $0 === connection }
        connectIfNeeded()
        removeIfUnused()
    }

    func closeIdle() {
        for connection in idle { connection.close() }
    }

    /// Closes the connections that were idle for too long, and returns when the next will be.
    func closeIdle(at now: NIODeadline) -> NIODeadline {
        let expired = idle.prefix { $0.idleSince + configuration.idleTimeout <= now }
        for connection in expired { connection.close() }
        return idle.first.map { $0.idleSince + configuration.idleTimeout } ?? .distantFuture
    }
}

// MARK: Making connections

extension DestinationPool {
    func attemptSucceeded(_ connection: UpstreamConnection) {
        attempts -= 1
        if let call = waiting.popFirst() {
            connection.run(call)
        } else {
            release(connection)
        }
    }

    /// - Parameter call: the one that the attempt was made for; it ends, if it still waits. The others get attempts of
    ///   their own.
    func attemptFailed(_ reason: UpstreamOutcome.Reason, for call: UpstreamCall) {
        attempts -= 1
        connections -= 1
        if let index = waiting.firstIndex(where: { $0 === call }) {
            waiting.remove(at: index)
            call.fail(reason)
        }
        connectIfNeeded()
        removeIfUnused()
    }

    private func connectIfNeeded() {
        while attempts < waiting.count {
            if connections >= configuration.maxConnectionsPerDestination {
                // Idle connections beside a call that waits: it must not have one of them, so it takes the place of
                // one.
                guard let oldest = idle.first else { return }
                idle.removeFirst()
                oldest.close()
                return  // `closed` comes back here.
            }
            guard let call = waiting.first(where: { !$0.hasAttempt }) ?? waiting.first else { return }
            call.hasAttempt = true
            attempts += 1
            connections += 1
            ConnectionAttempt(pool: self, call: call).start()
        }
    }

    func removeIfUnused() {
        if connections == 0, waiting.isEmpty { owner.remove(self) }
    }
}
