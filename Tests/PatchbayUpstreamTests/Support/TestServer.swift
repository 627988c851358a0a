import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server that speaks raw bytes: it gathers whole requests and lets the test's script answer each, rightly or not.
final class TestServer: Sendable {
    typealias Script = @Sendable (ServerRequest, ServerPeer) -> Void

    /// By number of the connection, from 1.
    enum Event: Sendable, Hashable {
        case accepted(Int)
        case request(Int)
        case closed(Int)
    }

    let port: Int
    private let listener: any Channel
    private let state: Mutex<State>

    private struct State {
        var accepted = 0
        var requests: [ServerRequest] = []
        var open: [Int: any Channel] = [:]
        var happened: Set<Event> = []
        var waiting: [Event: [CheckedContinuation<Void, Never>]] = [:]

        mutating func report(_ event: Event) {
            happened.insert(event)
            for continuation in waiting.removeValue(forKey: event) ?? [] { continuation.resume() }
        }
    }

    var url: String { "http://127.0.0.1:\(port)/" }
    var accepted: Int { state.withLock { $0.accepted } }
    var requests: [ServerRequest] { state.withLock { $0.requests } }

    /// - Parameter onBytes: sent when the first bytes of a connection have come, whatever they are.
    static func start(
        tls: NIOSSLContext? = nil, onBytes greeting: String? = nil, _ script: @escaping Script
    ) async throws -> TestServer {
        let box = Box()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_sndbuf), value: 128 * 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = box.server.withLock({ $0 }) else { throw ChannelError.alreadyClosed }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let handler = TestServerHandler(
                        server: server, number: server.accept(channel), greeting: greeting, script: script)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TestServer(listener)
        box.server.withLock { $0 = server }
        return server
    }

    /// Breaks the circle between a listener and the server that it is made for.
    private final class Box: Sendable {
        let server = Mutex<TestServer?>(nil)
    }

    private init(_ listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
        state = Mutex(State())
    }

    /// Returns when the event has happened, be it long ago.
    func wait(for event: Event) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.happened.contains(event) {
                    continuation.resume()
                } else {
                    state.waiting[event, default: []].append(continuation)
                }
            }
        }
    }

    func stop() async throws {
        try await listener.close()
        for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }

    private func accept(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.accepted += 1
            state.open[state.accepted] = channel
            state.report(.accepted(state.accepted))
            return state.accepted
        }
    }

    func received(_ request: ServerRequest) {
        state.withLock { state in
            state.requests.append(request)
            state.report(.request(request.connection))
        }
    }

    func closed(_ number: Int) {
        state.withLock { state in
            state.open[number] = nil
            state.report(.closed(number))
        }
    }
}
