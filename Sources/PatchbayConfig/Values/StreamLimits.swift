/// `server.limits.stream:`, what one stream may hold back for a reader that is slower than its provider.
package struct StreamLimits: Sendable, Equatable {
    /// Bytes from which the provider is asked to wait.
    package var soft = 256 << 10
    /// Bytes at which the stream is ended; never less than `soft`.
    package var hard = 4 << 20

    package init() {}
}
