import NIOCore
import NIOHTTP1
import NIOPosix

/// An upstream that answers each request with the same events, and can keep the last of them back for ever.
final class WebServer: Sendable {
    private let channel: any Channel
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/v1" }

    /// - Parameters:
    ///   - body: a text of server-sent events.
    ///   - ends: whether the reply ends after it.
    init(body: String, ends: Bool = true) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(body: body, ends: ends))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws {
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let body: String
        private let ends: Bool

        init(body: String, ends: Bool) {
            self.body = body
            self.ends = ends
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(
                version: .http1_1, status: .ok, headers: ["content-type": "text/event-stream"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            if ends { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        }
    }
}
