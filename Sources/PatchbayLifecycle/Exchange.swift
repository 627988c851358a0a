import NIOCore

/// One request's way through the house, as its connection sees it: the connection tells it that the client went away
/// or that its reader has caught up. Confined to its strand, which is checked at every entry.
package final class Exchange: @unchecked Sendable {
    /// The event loop of the request's connection.
    package let strand: any EventLoop
    /// `req_…`: in logs and in the `x-request-id` header.
    package let id: String
    /// Who asks: the name of the key, the owner of everything that the request stores.
    package let owner: String
    /// The owner as plugins are told: opaque. Made when it is first asked for.
    private(set) lazy var ownerDigest = Digest.hex(owner)
    /// What the connection remembers of its turns; nil where it remembers none.
    let memory: SessionMemory?

    private var call: (any ProviderCall)?
    /// Why the exchange is to end, once it is.
    package private(set) var cancelled: CancelReason?
    /// Whether the provider goes on when the client has gone.
    var outlivesClient = false

    package init(id: String, owner: String, strand: any EventLoop, memory: SessionMemory? = nil) {
        self.id = id
        self.owner = owner
        self.memory = memory
        self.strand = strand
    }

    /// The client went away.
    package func clientGone() {
        strand.preconditionInEventLoop()
        if outlivesClient {
            call?.resume()
        } else {
            cancel(.clientGone)
        }
    }

    /// The server stops and can't wait any longer.
    package func shutdown() {
        strand.preconditionInEventLoop()
        cancel(.shutdown)
    }

    /// The client has asked for its end.
    func cancelRequested() {
        strand.preconditionInEventLoop()
        cancel(.requested)
    }

    /// The reader of a stream has caught up after a `.pause`.
    package func readerIsReady() {
        strand.preconditionInEventLoop()
        call?.resume()
    }

    /// From now on the call hears of the client; at once, if the client went away before.
    func attach(_ call: any ProviderCall) {
        self.call = call
        if let cancelled { call.cancel(cancelled) }
    }

    func detach() {
        call = nil
    }

    /// From now on `call` hears of the client in the place of who has heard so far, whom this returns; at once, if the
    /// client went away before. `giveBack` follows.
    func put(inFront call: any ProviderCall) -> (any ProviderCall)? {
        let before = self.call
        attach(call)
        return before
    }

    /// The one before hears of the client again. What it missed it has been told by who was in front of it.
    func giveBack(_ call: (any ProviderCall)?) {
        self.call = call
    }

    /// Once; whoever comes later finds it ended.
    func cancel(_ reason: CancelReason) {
        guard cancelled == nil else { return }
        cancelled = reason
        call?.cancel(reason)
    }
}
