import NIOCore
import PatchbayPluginHost
import PatchbayUpstream
import ServiceLifecycle

/// The plugins as a service: they outlive the server, and are stopped once no request can need them.
struct PluginService: Service {
    let plugins: PluginSet

    func run() async throws {
        try? await gracefulShutdown()
        await plugins.host.stop()
        plugins.upstream.shutdown()
    }
}
