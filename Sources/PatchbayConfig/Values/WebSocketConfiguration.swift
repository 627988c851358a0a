/// `server.websocket:`, the WebSocket mode of /v1/responses.
package struct WebSocketConfiguration: Sendable, Equatable {
    /// If not, who asks for a WebSocket is answered 426.
    package var enabled = true
    /// WebSockets open at one time.
    package var maxConnections = 1000
    /// How long a WebSocket may stay open.
    package var maxAge = Duration.seconds(3600)
    /// How long a silent client goes without being asked whether it is there; nil: it isn't asked.
    package var pingInterval: Duration? = .seconds(30)
    /// Bytes that all WebSockets together may remember of responses that aren't stored.
    package var maxMemory = 256 << 20

    package init() {}
}
