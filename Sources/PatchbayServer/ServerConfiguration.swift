import NIOCore

/// How the server listens and what it bounds. The defaults are those of the configuration.
package struct ServerConfiguration: Sendable {
    /// A name or an address of this machine.
    package var host: String
    /// 0: a free port.
    package var port: Int
    /// The largest body of a request, bytes.
    package var bodyLimit: Int
    /// The largest head of a request: request line and headers together, bytes.
    package var headerLimit: Int
    /// The most headers of a request.
    package var headerCount: Int
    /// Open connections; one more is answered 503 and closed.
    package var maxConnections: Int
    /// How long a connection may stay open without a request. A request's head must come whole within this.
    package var keepAliveTimeout: TimeAmount
    /// How long a request's body may take, from the end of its head.
    package var requestTimeout: TimeAmount
    /// How long a client may take none of an answer's bytes.
    package var writeTimeout: TimeAmount
    /// How long a connection that was told to close still takes (and drops) what the client sends.
    package var lingerTimeout: TimeAmount
    /// A stream that has been silent for this long gets a comment, so that nothing on the way takes it for dead.
    package var sseCommentInterval: TimeAmount
    /// What the client may have taken too little of before its stream is paused, bytes: paused at `high`, resumed at
    /// `low`.
    package var writeBuffer: (low: Int, high: Int)
    package var webSocket: WebSocketConfiguration

    package init(
        host: String = "127.0.0.1", port: Int = 8080, bodyLimit: Int = 32 << 20, headerLimit: Int = 32 << 10,
        headerCount: Int = 128, maxConnections: Int = 10_000, keepAliveTimeout: TimeAmount = .seconds(75),
        requestTimeout: TimeAmount = .seconds(60), writeTimeout: TimeAmount = .seconds(120),
        lingerTimeout: TimeAmount = .seconds(2), sseCommentInterval: TimeAmount = .seconds(15),
        writeBuffer: (low: Int, high: Int) = (32 << 10, 64 << 10),
        webSocket: WebSocketConfiguration = WebSocketConfiguration()
    ) {
        self.host = host
        self.port = port
        self.bodyLimit = bodyLimit
        self.headerLimit = headerLimit
        self.headerCount = headerCount
        self.maxConnections = maxConnections
        self.keepAliveTimeout = keepAliveTimeout
        self.requestTimeout = requestTimeout
        self.writeTimeout = writeTimeout
        self.lingerTimeout = lingerTimeout
        self.sseCommentInterval = sseCommentInterval
        self.writeBuffer = writeBuffer
        self.webSocket = webSocket
    }
}
