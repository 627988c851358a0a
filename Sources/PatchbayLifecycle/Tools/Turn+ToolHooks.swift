import PatchbayModel

/// The points at which hooks see the calls of the server's tools.
extension Turn {
    /// Before a call is made: the call as it is to be made, and an output in its place, if a hook has said one. The
    /// error that ends the answer, if one has rejected it.
    func visitCall(_ call: ToolCall, _ run: ProviderRun) async -> Result<(ToolCall, output: String?), GatewayError> {
        .success((call, nil))
    }

    /// After it has ended: what the model is told.
    func visitResult(_ outcome: ToolOutcome, of call: ToolCall, _ run: ProviderRun) async
        -> Result<String, GatewayError>
    {
        .success(outcome.text)
    }
}
