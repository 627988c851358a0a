import Logging
import NIOCore
import NIOPosix
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer

/// A server on loopback, in front of a provider that the test plays.
struct RunningServer {
    let server: Server
    let address: SocketAddress
    let provider: FakeProvider

    /// `echo`: the provider answers by itself.
    static func with(
        echo: Bool = false, keys: KeyRing = KeyRing(), logger: Logger? = nil,
        hooks: [HookEntry] = [], tools: [ServerTool] = [],
        configure: (inout ServerConfiguration) -> Void = { _ in }, formats: Formats = Formats(),
        _ body: (RunningServer) async throws -> Void
    ) async throws {
        let provider = FakeProvider(echo: echo)
        var policy = GatewayPolicy()
        policy.firstEventGrace = .zero
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let gateway = Gateway(
            router: Router([
                Router.Entry(name: "test", provider: provider), Router.Entry(name: "org/a model", provider: provider),
            ]), store: FakeStore(), policy: policy, hooks: hooks, tools: tools, logger: quiet)
        var configuration = ServerConfiguration(port: 0)
        configure(&configuration)
        let server = Server(
            configuration: configuration, gateway: gateway, formats: formats, keys: keys,
            group: MultiThreadedEventLoopGroup.singleton, logger: logger ?? quiet)
        let running = RunningServer(server: server, address: try await server.start(), provider: provider)
        do {
            try await body(running)
            await server.shutdown()
        } catch {
            await server.shutdown()
            throw error
        }
    }

    func connect() async throws -> RawClient {
        try await RawClient.connect(to: address)
    }

    /// The answer to one request on a connection of its own.
    func ask(_ request: String, hasBody: Bool = true) async throws -> RawAnswer {
        let client = try await connect()
        try await client.send(request)
        let answer = try await client.answer(hasBody: hasBody)
        try await client.close()
        return answer
    }

    static func get(_ path: String, headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n"
    }

    static func post(_ body: String, path: String = "/v1/responses", headers: String = "") -> String {
        """
        POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)
        """
    }

    static let streamed = post(#"{"model":"test","input":"hi","stream":true}"#)
    static let whole = post(#"{"model":"test","input":"hi"}"#)
}
