/// Why a request was not accepted: nothing was sent, and the delegate is never called.
package struct UpstreamRequestError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The URL can't be used.
        case invalidURL
        /// The method or a header can't be sent.
        case invalidRequest
        /// As many calls as the configuration allows wait for a connection to that destination.
        case queueFull
        /// `UpstreamClient.shutdown()` was called.
        case shutDown
    }

    package let code: Code
    /// What was wrong, for a log. It never holds a header's value.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
