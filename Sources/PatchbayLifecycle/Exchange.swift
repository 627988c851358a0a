package import NIOCore

/// One request's way through the house, as its connection sees it: the connection tells it that the client went away or that its reader has
/// caught up. Used on its strand alone.
package final class Exchange {
    /// The event loop of the request's connection.
    package let strand: any EventLoop
    /// `req_…`: in logs and in the `x-request-id` header.
    package let id: String
    /// Who asks: the name of the key, the owner of everything that the request stores.
    package let owner: String

    private var call: (any ProviderCall)?
    private var onClientGone: (() -> Void)?
    package private(set) var clientIsGone = false

    package init(id: String, owner: String, strand: any EventLoop) {
        self.id = id
        self.owner = owner
        self.strand = strand
    }

    /// The client went away. At most the first call has an effect.
    package func clientGone() {
        strand.preconditionInEventLoop()
        guard !clientIsGone else { return }
        clientIsGone = true
        onClientGone?()
    }

    /// The reader of a stream has caught up after a `.pause`.
    package func readerIsReady() {
        strand.preconditionInEventLoop()
        call?.resume()
    }
}
