import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The making of one connection: TLS context, DNS and TCP, the proxy's tunnel, the TLS handshake. It ends by telling
/// its pool.
final class ConnectionAttempt {
    private let pool: DestinationPool
    private let call: UpstreamCall
    private let deadline: NIODeadline
    private var isOver = false
    private var timer: Scheduled<Void>?
    private var channel: (any Channel)?

    private var loop: any EventLoop { pool.owner.loop }

    init(pool: DestinationPool, call: UpstreamCall) {
        self.pool = pool
        self.call = call
        let longest = NIODeadline.now() + pool.owner.configuration.connectTimeout
        deadline = min(longest, call.connectDeadline)
    }

    func start() {
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.fail(.timeout(.connect)) }
        guard pool.destination.isTLS else {
            connect(nil)
            return
        }
        pool.owner.tls.context(on: loop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let context): self.connect(context)
            case .failure(let error): self.fail(.tls("\(error)"))
            }
        }
    }

    private func connect(_ tls: NIOSSLContext?) {
        guard !isOver else { return }
        let (host, port) = pool.destination.endpoint
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(deadline - .now(), .milliseconds(1)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 1024, maximum: 65536))
        if let bytes = pool.owner.configuration.receiveBufferBytes {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(bytes))
        }
        let opened: EventLoopFuture<any Channel>
        if host.address != nil, let address = try? SocketAddress(ipAddress: host.name, port: port) {
            opened = bootstrap.connect(to: address)
        } else {
            opened = bootstrap.connect(host: host.name, port: port)
        }
        opened.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.opened(channel, tls)
            case .failure(let error): self.fail(FailureReason.ofConnecting(error))
            }
        }
    }

    private func opened(_ channel: any Channel, _ tls: NIOSSLContext?) {
        guard !isOver else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        guard case .tunnel(let proxy) = pool.destination.route else {
            addHandlers(channel, tls)
            return
        }
        let tunnel = ProxyTunnelHandler(to: pool.destination.connectAuthority, by: proxy) { failure in
            if let failure { self.fail(failure) } else { self.addHandlers(channel, tls) }
        }
        add([tunnel], to: channel)
    }

    private func addHandlers(_ channel: any Channel, _ tls: NIOSSLContext?) {
        guard !isOver else { return }
        guard channel.isActive else {
            fail(.reset)
            return
        }
        let connection = UpstreamConnection(channel: channel, pool: pool, attempt: self)
        var handlers: [any ChannelHandler] = []
        if let tls {
            let host = pool.destination.host
            do {
                let name = host.address == nil ? host.name : nil
                handlers.append(try NIOSSLClientHandler(context: tls, serverHostname: name))
            } catch {
                fail(.tls("\(error)"))
                return
            }
        }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = pool.owner.configuration.maxHeaderBytes
        limits.maxHeaderFieldSize = pool.owner.configuration.maxHeaderBytes
        handlers.append(HTTPRequestEncoder())
        handlers.append(ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)))
        handlers.append(connection)
        add(handlers, to: channel)
        if tls == nil { succeed(connection) }
    }

    private func add(_ handlers: [any ChannelHandler], to channel: any Channel) {
        do {
            try channel.pipeline.syncOperations.addHandlers(handlers)
        } catch {
            fail(.reset)
        }
    }

    /// The connection can carry requests.
    func succeed(_ connection: UpstreamConnection) {
        guard end() else { return }
        connection.attempt = nil
        pool.attemptSucceeded(connection)
    }

    /// The connection closed before it could carry a request.
    func connectionLost(_ reason: UpstreamOutcome.Reason) {
        if case .reset = reason, pool.destination.isTLS {
            fail(.tls("the connection closed during the handshake"))
        } else {
            fail(reason)
        }
    }

    private func fail(_ reason: UpstreamOutcome.Reason) {
        guard end() else { return }
        pool.owner.logger.debug(
            "no connection to upstream",
            metadata: ["upstream": "\(pool.destination.connectAuthority)", "reason": "\(reason)"])
        channel?.close(promise: nil)
        pool.attemptFailed(reason, for: call)
    }

    private func end() -> Bool {
        defer { isOver = true }
        timer?.cancel()
        timer = nil
        return !isOver
    }
}
