import PatchbayModel

/// Where a streamed answer's events go: the format's encoder and the connection behind it. Called on the request's
/// strand alone.
package protocol ResponseSink: AnyObject {
    /// Takes an event, always. `.pause` says that the reader is behind; the sink then calls `Exchange.readerIsReady`
    /// once it has caught up.
    func send(_ event: ResponseEvent) -> Demand
}

/// Where the events of several answers to one request go. Called on the request's strand alone.
package protocol ChoiceSink: AnyObject {
    /// An event of the answer of that number, from 0; its last is `.completed` or `.incomplete`. As
    /// `ResponseSink.send`.
    func send(_ event: ResponseEvent, of choice: Int) -> Demand

    /// All answers have ended, and took so much together; nothing follows.
    func end(usage: Usage?)

    /// One has failed, after something was sent: nothing follows of any.
    func fail(_ error: GatewayError)
}
