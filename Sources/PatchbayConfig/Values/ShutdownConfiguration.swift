/// `server.shutdown:`
package struct ShutdownConfiguration: Sendable, Equatable {
    /// How long running requests may take once the server was asked to stop.
    package var drain = Duration.seconds(30)

    package init() {}
}
