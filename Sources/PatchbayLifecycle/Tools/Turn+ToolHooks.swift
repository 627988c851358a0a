import PatchbayModel

/// The points at which hooks see the calls of the server's tools.
extension Turn {
    /// Before a call is made: the call as it is to be made, or the output that a hook has said in its place. Throws what
    /// ends the answer.
    func visitCall(_ call: ToolCall) async throws(GatewayError) -> (ToolCall, output: String?) {
        guard let hooks else { return (call, nil) }
        switch try await hooks.toolCall(call.item) {
        case .run(let arguments):
            var call = call
            call.arguments = arguments
            return (call, nil)
        case .told(let output): return (call, output)
        }
    }

    /// After it has ended: what the model is told. Throws what ends the answer.
    func visitResult(_ outcome: ToolOutcome, of call: ToolCall) async throws(GatewayError) -> String {
        guard let hooks else { return outcome.text }
        return try await hooks.toolResult(
            callID: call.callID, name: call.tool.name, output: outcome.text, isError: outcome.isError)
    }
}
