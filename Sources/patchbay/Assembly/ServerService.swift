import Logging
import NIOCore
import PatchbayServer
import ServiceLifecycle

/// The server as a service: listens until it is told to end, then lets what runs end.
struct ServerService: Service {
    let server: Server
    /// How long requests that run may take to end.
    let drain: TimeAmount
    /// What is said once the server listens.
    let whenListening: @Sendable (SocketAddress) -> Void

    func run() async throws {
        let address = try await server.start()
        whenListening(address)
        try? await gracefulShutdown()
        await server.drain(timeout: drain)
    }
}
