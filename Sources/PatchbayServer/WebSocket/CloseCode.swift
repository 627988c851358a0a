/// Why a WebSocket is closed, as the protocol numbers it.
enum CloseCode: UInt16 {
    case normal = 1000
    /// The server stops, or the socket has grown too old: a client may connect again at once.
    case goingAway = 1001
    case protocolError = 1002
    /// A message that isn't text.
    case unsupportedData = 1003
    case invalidText = 1007
    case policyViolation = 1008
    case messageTooBig = 1009
    case internalError = 1011
}

/// What a client did that ends its WebSocket, and the code and words that it is told.
struct WebSocketViolation: Error {
    var code: CloseCode
    /// At most 123 bytes.
    var reason: StaticString

    init(_ code: CloseCode, _ reason: StaticString) {
        self.code = code
        self.reason = reason
    }
}
