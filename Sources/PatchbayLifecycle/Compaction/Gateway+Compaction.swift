import Logging
import PatchbayModel

extension Gateway {
    /// Compacts a conversation: what the request continues and its own input. The request's `model` may be empty where
    /// it continues a response: then it is that one's.
    package func compact(_ request: Request, in exchange: Exchange) async throws(GatewayError) -> CompactedConversation
    {
        var request = request
        var loaded = try await load(request, owner: exchange.owner)
        request = loaded.request
        guard !loaded.prompt.items.isEmpty else {
            throw .invalid(
                "There is no conversation to compact: 'input' and the history are empty.", param: "input",
                code: "missing_required_parameter")
        }
        if try await visit(&loaded, in: exchange) {
            throw Compactor.failed("a hook of this server answered in its place")
        }
        let said = try (loaded.history.items() + request.input).filter { $0.kind == .message(role: "user") }
        let compacted: Compactor.Compacted
        do throws(GatewayError) {
            compacted = try await Compactor(gateway: self, exchange: exchange).compact(loaded.prompt, of: request)
        } catch {
            logFailure(error, "a conversation could not be compacted", exchange)
            throw error
        }
        return CompactedConversation(
            id: Identifier.response(), createdAt: clock.seconds, output: said + [compacted.item],
            usage: compacted.usage ?? Usage())
    }

    /// For the operator: what the client is told only in part. A client that left is no failure.
    func logFailure(_ error: GatewayError, _ message: Logger.Message, _ exchange: Exchange) {
        guard error.kind != .cancelled else { return }
        logger.warning(
            message,
            metadata: [
                "request_id": "\(exchange.id)", "kind": "\(error.kind.rawValue)", "message": "\(error.message)",
                "detail": "\(error.detail ?? "")",
            ])
    }
}
