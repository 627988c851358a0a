import Logging
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer
import ServiceLifecycle

/// The server as a service: listens until it is told to end, then lets what runs end.
struct ServerService: Service {
    let server: Server
    let gateway: Gateway
    /// Those who can have left something behind.
    let owners: [String]
    let loops: any EventLoopGroup
    /// How long requests that run may take to end.
    let drain: TimeAmount
    /// What is said once the server listens.
    let whenListening: @Sendable (SocketAddress) -> Void

    func run() async throws {
        let address = try await server.start()
        whenListening(address)
        // At once, and now and then: another server on the same store may have ended.
        try await RepeatingService(interval: .seconds(60)) {
            await gateway.recover(owners: owners) { owner in
                Exchange(id: Identifier.request(), owner: owner, strand: loops.next())
            }
        }.run()
        async let background: Void = gateway.drainBackground(within: drain)
        await server.drain(timeout: drain)
        await background
    }
}
