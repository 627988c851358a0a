import PatchbayModel

/// Where a streamed answer's events go: the format's encoder and the connection behind it. Called on the request's
/// strand alone.
package protocol ResponseSink: AnyObject {
    /// Takes an event, always. `.pause` says that the reader is behind; the sink then calls `Exchange.readerIsReady`
    /// once it has caught up.
    func send(_ event: ResponseEvent) -> Demand
}
