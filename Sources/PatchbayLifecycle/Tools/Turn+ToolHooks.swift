import PatchbayModel

/// The points at which hooks see the calls of the server's tools.
extension Turn {
    /// Before a call is made: the call as it is to be made, or the output that a hook has said in its place. The error
    /// that ends the answer, if one has rejected it.
    func visitCall(_ call: ToolCall, _ run: ProviderRun) async throws(GatewayError) -> (ToolCall, output: String?) {
        (call, nil)
    }

    /// After it has ended: what the model is told.
    func visitResult(_ outcome: ToolOutcome, of call: ToolCall, _ run: ProviderRun)
        async
        throws(GatewayError) -> String
    {
        outcome.text
    }
}
