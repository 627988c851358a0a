/// How much of a reply a call takes, in bytes. What goes over ends the call with `UpstreamOutcome.Reason.limit`.
package struct UpstreamLimits: Sendable, Equatable {
    /// Names and values of the reply's headers together. `UpstreamConfiguration.maxHeaderBytes` is a limit above it.
    package var maxHeaderBytes: Int
    /// The body, where it is delivered as `data`. A framed body may be endless, its events are limited instead.
    package var maxBodyBytes: Int
    /// One event: all its lines together, or one line of NDJSON.
    package var maxEventBytes: Int

    package init(
        maxHeaderBytes: Int = 64 * 1024, maxBodyBytes: Int = 64 * 1024 * 1024, maxEventBytes: Int = 1024 * 1024
    ) {
        self.maxHeaderBytes = maxHeaderBytes
        self.maxBodyBytes = maxBodyBytes
        self.maxEventBytes = maxEventBytes
    }
}
