import NIOCore

/// Cuts what a client sends into requests, by their `content-length`.
final class TestServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: TestServer
    private let number: Int
    private var greeting: String?
    private let script: TestServer.Script
    private var received = ""
    private var requests = 0

    init(server: TestServer, number: Int, greeting: String?, script: @escaping TestServer.Script) {
        self.server = server
        self.number = number
        self.greeting = greeting
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        if let greeting { context.writeAndFlush(NIOAny(ByteBuffer(string: greeting)), promise: nil) }
        greeting = nil
        while let request = nextRequest() {
            server.received(request)
            script(request, ServerPeer(channel: context.channel))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.closed(number)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func nextRequest() -> ServerRequest? {
        let bytes = Array(received.utf8)
        let mark = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let draft = ServerRequest(connection: number, number: requests + 1, head: head, body: "")
        let length = draft.header("content-length").flatMap { Int($0) } ?? 0
        let body = bytes[(end + 4)...]
        guard body.count >= length else { return nil }
        received = String(decoding: body.dropFirst(length), as: UTF8.self)
        requests += 1
        let text = String(decoding: body.prefix(length), as: UTF8.self)
        return ServerRequest(connection: number, number: requests, head: head, body: text)
    }
}
