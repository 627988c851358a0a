import NIOCore

/// How the server speaks WebSocket. The defaults are those of the configuration.
package struct WebSocketConfiguration: Sendable {
    /// If not, who asks for one is answered 426.
    package var isEnabled: Bool
    /// Open WebSockets; one more is answered 503.
    package var maxConnections: Int
    /// How long a WebSocket may stay open; a turn that runs then still ends.
    package var maxAge: TimeAmount
    /// A client that has said nothing for this long is asked whether it is there, and taken for dead if it says nothing
    /// for as long again; nil: it isn't asked.
    package var pingInterval: TimeAmount?
    /// What all WebSockets together may remember of turns that aren't stored, bytes.
    package var maxMemory: Int

    package init(
        isEnabled: Bool = true, maxConnections: Int = 1000, maxAge: TimeAmount = .minutes(60),
        pingInterval: TimeAmount? = .seconds(30), maxMemory: Int = 256 << 20
    ) {
        self.isEnabled = isEnabled
        self.maxConnections = maxConnections
        self.maxAge = maxAge
        self.pingInterval = pingInterval
        self.maxMemory = maxMemory
    }
}
