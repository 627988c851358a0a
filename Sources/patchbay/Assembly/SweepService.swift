import Logging
import PatchbayLifecycle
import PatchbayModel
import ServiceLifecycle

/// Lets the store give back what has expired, or is over its bound, now and then.
struct SweepService: Service {
    let store: any HistoryStore
    /// Bytes of values that may be kept; nil: no bound.
    let maxBytes: Int?
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(GatewayError) {
                    try await store.sweep(maxBytes: maxBytes)
                } catch {
                    logger.warning("the store could not be swept", metadata: ["reason": "\(error.message)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}
