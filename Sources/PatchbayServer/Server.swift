import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import PatchbayFormats
import PatchbayLifecycle
import Synchronization

/// The HTTP server: listens, and hands every request to the gateway.
///
/// One life: `start`, then `drain` or `shutdown`. The event loops aren't the server's own; they are left running.
package final class Server: Sendable {
    private let context: ServerContext
    private let group: any EventLoopGroup
    private let registry: ConnectionRegistry
    private let listener = Mutex<(any Channel)?>(nil)

    package init(
        configuration: ServerConfiguration, gateway: Gateway, formats: Formats, keys: KeyRing,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.group = group
        registry = ConnectionRegistry(limit: configuration.maxConnections)
        context = ServerContext(
            configuration: configuration, gateway: gateway, formats: formats, keys: keys, logger: logger)
    }

    /// The WebSockets that are open just now.
    package var openWebSockets: Int { context.sockets.count }

    /// Begins to listen, and returns where. Throws a `ServerError` that says what to do if that can't be.
    package func start() async throws -> SocketAddress {
        let (context, registry) = (self.context, self.registry)
        let configuration = context.configuration
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: configuration.waterMark)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 1024, maximum: 65536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let fits = registry.add(channel)
                    let decoder = HTTPRequestDecoder(
                        leftOverBytesStrategy: .forwardBytes, limitConfiguration: configuration.decoderLimits)
                    let handler = ConnectionHandler(server: context, loop: channel.eventLoop, isRefused: !fits)
                    try channel.pipeline.syncOperations.addHandlers(ByteToMessageHandler(decoder), handler)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            listener.withLock { $0 = channel }
            guard let address = channel.localAddress else { throw ServerError("The server listens nowhere.") }
            return address
        } catch let error as IOError {
            throw ServerError(configuration.explain(error))
        } catch let error as SocketAddressError {
            throw ServerError("There is no host '\(configuration.host)' to listen on (\(error)). Check server.host.")
        }
    }

    /// Ends in peace: takes no more connections, and lets the requests that run end. What still runs after `timeout`
    /// is ended with a terminal event or an error. Returns when the last connection is closed.
    package func drain(timeout: TimeAmount) async {
        await closeListener()
        registry.drain()
        if await isEmpty(within: timeout) { return }
        await stop()
    }

    /// Ends at once; what runs is told why, as in `drain`.
    package func shutdown() async {
        await closeListener()
        await stop()
    }

    /// Ends what runs, and after a short while every connection, whether its client has read its answer or not.
    private func stop() async {
        registry.stop()
        if await isEmpty(within: .seconds(2)) { return }
        registry.closeAll()
        _ = await isEmpty(within: .seconds(1))
    }

    private func closeListener() async {
        let channel = listener.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()
    }

    private func isEmpty(within time: TimeAmount) async -> Bool {
        let loop = group.any()
        let result = loop.makePromise(of: Bool.self)
        let timer = loop.scheduleTask(in: time) { result.succeed(false) }
        registry.whenEmpty(on: loop).whenComplete { _ in
            timer.cancel()
            result.succeed(true)
        }
        return (try? await result.futureResult.get()) ?? false
    }
}

extension ServerConfiguration {
    fileprivate var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
        .init(low: writeBuffer.low, high: writeBuffer.high)
    }

    fileprivate var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headerLimit
        limits.maxHeaderListSize = headerLimit
        limits.maxHeaderFieldCount = headerCount
        return limits
    }

    fileprivate func explain(_ error: IOError) -> String {
        switch error.errnoCode {
        case EADDRINUSE:
            "Port \(port) of \(host) is taken by another process. Stop that one, or choose another port (server.port, --port)."
        case EACCES:
            "This user may not listen on port \(port) of \(host). Choose a port from 1024 up (server.port, --port)."
        case EADDRNOTAVAIL:
            "\(host) is no address of this machine. Check server.host."
        default:
            "The server can't listen on port \(port) of \(host): \(error)"
        }
    }
}
