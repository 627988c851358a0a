import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What NIO's errors mean to a caller.
enum FailureReason {
    /// The error of an attempt to connect.
    static func ofConnecting(_ error: any Error) -> UpstreamOutcome.Reason {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty { return .dns("the name \(error.host) could not be resolved") }
            return ofConnecting(error.connectionErrors[error.connectionErrors.count - 1].error)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return .refused
        case ChannelError.connectTimeout:
            return .timeout(.connect)
        default:
            return .unreachable("\(error)")
        }
    }

    /// The error of an open connection.
    static func ofConnection(_ error: any Error) -> UpstreamOutcome.Reason {
        switch error {
        case HTTPParserError.headerOverflow:
            return .limit(.headerBytes)
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            return .reset
        case let error as HTTPParserError:
            return .protocolError("\(error)")
        case NIOSSLError.uncleanShutdown:
            return .reset
        case let error where isTLS(error):
            return .tls("\(error)")
        default:
            return .reset
        }
    }

    private static func isTLS(_ error: any Error) -> Bool {
        error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
    }
}
