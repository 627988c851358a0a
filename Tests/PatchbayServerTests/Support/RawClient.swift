import NIOCore
import NIOPosix

/// A connection that sends the bytes it is told and keeps those that come.
final class RawClient: Sendable {
    private let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    private init(channel: any Channel, collector: NIOLoopBound<Collector>) {
        self.channel = channel
        self.collector = collector
    }

    /// `readsAtOnce` false: nothing is read from the socket until `startReading`. `receiveBuffer`: the socket's, bytes.
    static func connect(to address: SocketAddress, readsAtOnce: Bool = true, receiveBuffer: Int? = nil) async throws
        -> RawClient
    {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: readsAtOnce)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector())
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        }
        let channel = try await bootstrap.connect(to: address).get()
        let collector = try await channel.pipeline.handler(type: Collector.self).map {
            NIOLoopBound($0, eventLoop: channel.eventLoop)
        }.get()
        return RawClient(channel: channel, collector: collector)
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Waits until `take` finds something in the bytes that came and haven't been taken; it removes what it took.
    /// Throws `ConnectionClosed` if the server closes before.
    func next<Result: Sendable>(_ take: @escaping @Sendable (inout [UInt8]) throws -> Result?) async throws -> Result {
        let promise = channel.eventLoop.makePromise(of: Result.self)
        channel.eventLoop.execute { [collector] in
            collector.value.wait(
                Collector.Waiter { bytes in
                    do {
                        guard let result = try take(&bytes) else { return false }
                        promise.succeed(result)
                    } catch {
                        promise.fail(error)
                    }
                    return true
                } fail: {
                    promise.fail($0)
                })
        }
        return try await promise.futureResult.get()
    }

    /// Waits until the server has ended its sending; all bytes that came until then.
    func untilClosed() async throws -> [UInt8] {
        let promise = channel.eventLoop.makePromise(of: [UInt8].self)
        channel.eventLoop.execute { [collector] in
            collector.value.wait(
                Collector.Waiter { _ in
                    false
                } fail: { _ in
                    promise.succeed(collector.value.bytes)
                })
        }
        return try await promise.futureResult.get()
    }

    /// Returns when the connection is closed, whoever closed it.
    func close() async throws {
        channel.close(promise: nil)
        try await channel.closeFuture.get()
    }
}

struct ConnectionClosed: Error {
    var received: String
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    struct Waiter {
        /// Whether it was satisfied.
        var take: (inout [UInt8]) -> Bool
        var fail: (any Error) -> Void
    }

    var bytes: [UInt8] = []
    private var waiter: Waiter?
    private var isClosed = false

    func wait(_ waiter: Waiter) {
        self.waiter = waiter
        look()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        look()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        look()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        isClosed = true
        look()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func look() {
        guard let waiter else { return }
        if waiter.take(&bytes) {
            self.waiter = nil
        } else if isClosed {
            self.waiter = nil
            waiter.fail(ConnectionClosed(received: String(decoding: bytes, as: UTF8.self)))
        }
    }
}
