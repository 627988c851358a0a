/// `server:`: the socket and what a client may cost.
package struct ServerConfiguration: Sendable {
    package enum OnDisconnect: Sendable {
        /// The provider is told to stop.
        case cancel
        /// A stored response is finished without its reader.
        case finish
    }

    /// An address or a name; after the loader's override.
    package var host = "127.0.0.1"
    /// 0: the system picks a free one; after the loader's override.
    package var port = 8080
    /// The loader's `isInsecure`: no keys on an address that others can reach is what the operator wants.
    package var isInsecure = false
    package var limits = ServerLimits()
    package var shutdown = ShutdownConfiguration()
    /// A last `data: [DONE]` on /v1/responses.
    package var sseDone = false
    /// How long an idle stream waits for an SSE comment; nil: none is sent.
    package var sseCommentInterval: Duration? = .seconds(15)
    package var onDisconnect = OnDisconnect.cancel
    package var webSocket = WebSocketConfiguration()

    package init() {}

    /// Only this machine can reach `host`.
    package var isLoopback: Bool { LoopbackHost.contains(host) }
}
