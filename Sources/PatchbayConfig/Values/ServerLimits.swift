/// `server.limits:`
package struct ServerLimits: Sendable, Equatable {
    /// Bytes of a request's body; over it 413.
    package var body = 32 << 20
    /// Bytes of a request's head, request line and headers together.
    package var header = 64 << 10
    /// Connections open at one time.
    package var connections = 10_000
    /// Objects and arrays inside one another in a request's JSON.
    package var inputDepth = 128
    /// How often tools of the server are run for one answer.
    package var toolRounds = 16
    package var stream = StreamLimits()

    package init() {}
}
