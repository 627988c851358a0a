import Logging
import NIOCore
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel

/// From messages to turns.
extension WebSocketHandler {
    /// The most messages that wait while one is answered.
    private static let maxWaiting = 32

    func receive(_ message: [UInt8]) throws(WebSocketViolation) {
        guard turn != nil else { return begin(message) }
        guard waiting.count < Self.maxWaiting, message.count <= server.configuration.bodyLimit - waitingBytes else {
            throw WebSocketViolation(.policyViolation, "too many messages before a response has ended")
        }
        waiting.append(message)
        waitingBytes += message.count
    }

    private func begin(_ message: [UInt8]) {
        guard let context else { return }
        let exchange = Exchange(id: Identifier.request(), owner: owner, strand: context.eventLoop, memory: memory)
        let turn = WebSocketTurn(exchange: exchange, connection: self)
        self.turn = turn
        let request: Request
        do throws(GatewayError) {
            request = try server.responses.clientEvent(from: message)
        } catch {
            turn.fail(error)
            return ended(turn)
        }
        turn.previous = request.previousResponseID
        perform(turn, request)
    }

    private func perform(_ turn: WebSocketTurn, _ request: Request) {
        let bound = NIOLoopBound(turn, eventLoop: turn.exchange.strand)
        let gateway = server.gateway
        Task(executorPreference: executor) {
            let turn = bound.value
            do throws(GatewayError) {
                try await gateway.stream(request, in: turn.exchange, to: turn)
                turn.returned()
            } catch {
                turn.fail(error)
            }
            turn.connection.ended(turn)
        }
    }

    /// A turn's last byte is written. Then comes the next, or the connection's end.
    private func ended(_ turn: WebSocketTurn) {
        guard turn === self.turn else { return }
        self.turn = nil
        turns += 1
        guard phase == .open else { return }
        if isDraining { return close(.goingAway, "the server is stopping") }
        if isExpired { return expire() }
        if let next = waiting.popFirst() {
            waitingBytes -= next.count
            begin(next)
        }
        readOn()
        schedule()
    }

    /// The access log's line of a socket, when it is closed.
    func logEnd(code: UInt16) {
        let logger = server.logger
        guard logger.logLevel <= .info else { return }
        let time = NIODeadline.now() - opened
        logger.info(
            "websocket closed",
            metadata: [
                "owner": .string(owner), "request_id": .string(id), "turns": .stringConvertible(turns),
                "code": .stringConvertible(code), "ms": .stringConvertible(time.nanoseconds / 1_000_000),
            ])
    }
}
