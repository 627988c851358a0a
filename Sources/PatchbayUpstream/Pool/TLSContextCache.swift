import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The one TLS context of the process. Reading the system's certificates takes tens of milliseconds, so it is done on
/// NIO's thread pool, once; a failure is told to those who waited and tried again by the next.
final class TLSContextCache: Sendable {
    private enum State {
        case none
        case making(EventLoopFuture<NIOSSLContext>)
        case ready(NIOSSLContext)
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    private let additionalTrustRoots: [String]
    private let state = Mutex(State.none)

    init(additionalTrustRoots: [String]) {
        self.additionalTrustRoots = additionalTrustRoots
    }

    func context(on loop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        let (future, isNew): (EventLoopFuture<NIOSSLContext>, Bool) = state.withLock { state in
            switch state {
            case .ready(let context):
                return (loop.makeSucceededFuture(context), false)
            case .making(let future):
                return (future.hop(to: loop), false)
            case .none:
                let roots = additionalTrustRoots
                let future = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try Self.make(roots) }
                state = .making(future)
                return (future, true)
            }
        }
        if isNew {
            future.whenComplete { result in
                self.state.withLock { state in
                    switch result {
                    case .success(let context): state = .ready(context)
                    case .failure: state = .none
                    }
                }
            }
        }
        return future
    }

    private static func make(_ additionalTrustRoots: [String]) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.additionalTrustRoots = try additionalTrustRoots.map { path in
            do {
                return .certificates(try NIOSSLCertificate.fromPEMFile(path))
            } catch {
                throw Unreadable(description: "the trusted certificates in \(path) can't be read: \(error)")
            }
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
