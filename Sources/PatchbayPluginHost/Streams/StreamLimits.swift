package import NIOCore

/// How much of a provider's answer the host holds for a reader that is behind.
package struct StreamLimits: Sendable {
    /// Bytes that wait before the plugin is asked to pause.
    package var softCapBytes: Int
    /// Bytes that wait at most: one more ends the stream.
    package var hardCapBytes: Int
    /// Bytes of one event.
    package var maxEventBytes: Int
    /// Function calls in one answer.
    package var maxToolCalls: Int
    /// How long a plugin may take to end a call that was cancelled before that is logged.
    package var cancelGrace: TimeAmount

    package init(
        softCapBytes: Int = 64 << 10, hardCapBytes: Int = 1 << 20, maxEventBytes: Int = 1 << 20,
        maxToolCalls: Int = 1024, cancelGrace: TimeAmount = .seconds(10)
    ) {
        self.softCapBytes = softCapBytes
        self.hardCapBytes = hardCapBytes
        self.maxEventBytes = maxEventBytes
        self.maxToolCalls = maxToolCalls
        self.cancelGrace = cancelGrace
    }
}
