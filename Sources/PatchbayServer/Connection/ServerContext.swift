import Logging
import PatchbayFormats
import PatchbayLifecycle

/// What all connections of a server share.
final class ServerContext: Sendable {
    let configuration: ServerConfiguration
    let gateway: Gateway
    let formats: Formats
    /// The format of what isn't an answer in a format of its own: lists, stored responses, errors of unknown paths.
    var responses: ResponsesFormat { formats.responses }
    let endpoints: EndpointTable
    let keys: KeyRing
    /// The WebSockets that are open, and what they remember.
    let sockets: OpenSockets
    let sessions: SessionBudget
    let logger: Logger

    init(
        configuration: ServerConfiguration, gateway: Gateway, formats: Formats, keys: KeyRing, logger: Logger
    ) {
        self.configuration = configuration
        self.gateway = gateway
        self.formats = formats
        self.endpoints = EndpointTable(formats)
        self.keys = keys
        self.logger = logger
        sockets = OpenSockets(limit: configuration.webSocket.maxConnections)
        sessions = SessionBudget(limit: configuration.webSocket.maxMemory)
    }
}
