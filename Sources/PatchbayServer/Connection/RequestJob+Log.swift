import Logging
import NIOCore
import NIOHTTP1
import PatchbayLifecycle
import PatchbayModel

extension RequestJob {
    /// The access log's line: when the answer's body has ended, without anything that a user said.
    func logAccess(status: Int, isStream: Bool) {
        let logger = server.logger
        guard logger.logLevel <= .info else { return }
        let time = NIODeadline.now() - started
        logger.info(
            "request",
            metadata: [
                "method": .string(methodLabel), "path": .string(endpoint?.template ?? "unmatched"),
                "status": .stringConvertible(status), "owner": .string(exchange.owner),
                "request_id": .string(exchange.id), "ms": .stringConvertible(time.nanoseconds / 1_000_000),
                "bytes": .stringConvertible(bytesSent), "stream": .stringConvertible(isStream),
            ])
    }

    /// What went wrong, for the operator alone. (Of an answer that failed, the lifecycle says it.)
    func log(_ error: GatewayError) {
        if case .generation = endpoint, method == .POST { return }
        server.logger.error(
            "request failed",
            metadata: [
                "request_id": .string(exchange.id), "kind": .string(error.kind.rawValue),
                "message": .string(error.message), "detail": .string(error.detail ?? ""),
            ])
    }

    /// The method, as one of few words.
    private var methodLabel: String {
        switch method {
        case .GET: "GET"
        case .HEAD: "HEAD"
        case .POST: "POST"
        case .PUT: "PUT"
        case .PATCH: "PATCH"
        case .DELETE: "DELETE"
        case .OPTIONS: "OPTIONS"
        default: "other"
        }
    }
}
