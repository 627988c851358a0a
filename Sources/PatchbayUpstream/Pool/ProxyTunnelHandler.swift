import NIOCore

/// Asks a proxy for a tunnel (`CONNECT`), and gets out of the way when it is there.
final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let maxReplyBytes = 16 * 1024

    private let request: String
    private var received = ByteBuffer()
    private var done: ((UpstreamOutcome.Reason?) -> Void)?

    /// - Parameter done: called once: with nil when the tunnel is there and this handler removed, else with what went
    ///   wrong.
    init(to authority: String, by proxy: UpstreamProxy, done: @escaping (UpstreamOutcome.Reason?) -> Void) {
        var request = "CONNECT \(authority) HTTP/1.1\r\nhost: \(authority)\r\n"
        if let authorization = proxy.authorization { request += "proxy-authorization: \(authorization)\r\n" }
        self.request = request + "\r\n"
        self.done = done
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let end = max(0, received.readableBytes - 3)
        received.writeImmutableBuffer(unwrapInboundIn(data))
        guard done != nil else { return }
        let bytes = received.readableBytesView
        let mark: [UInt8] = [13, 10, 13, 10]
        let from = bytes.startIndex + end
        guard let found = bytes[from...].indices.first(where: { bytes[$0...].prefix(4).elementsEqual(mark) }) else {
            if bytes.count > Self.maxReplyBytes { finish(.proxy("its reply to CONNECT is too long"), context) }
            return
        }
        let line = bytes.prefix { $0 != 13 }
        let status = Self.status(line)
        switch status {
        case nil:
            finish(.proxy("its reply to CONNECT is no HTTP/1"), context)
        case .some(200...299) where found + 4 == bytes.endIndex:
            finish(nil, context)
        case .some(200...299):
            finish(.proxy("it sent bytes before the tunnel was used"), context)
        case .some(let status):
            finish(.proxy("it answered CONNECT with status \(status)"), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.proxy("it closed the connection before the tunnel was there"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.proxy("the connection to it was lost"), context)
    }

    private func finish(_ failure: UpstreamOutcome.Reason?, _ context: ChannelHandlerContext) {
        guard let done else { return }
        self.done = nil
        if let failure {
            done(failure)
            return
        }
        context.pipeline.syncOperations.removeHandler(context: context).assumeIsolated().whenComplete { _ in done(nil) }
    }

    /// The status of `HTTP/1.x SSS …`.
    private static func status(_ line: ByteBufferView) -> Int? {
        let bytes = Array(line.prefix(12))
        guard bytes.count == 12, bytes.starts(with: "HTTP/1.".utf8), bytes[8] == 0x20 else { return nil }
        return Int(String(decoding: bytes[9...], as: UTF8.self))
    }
}
