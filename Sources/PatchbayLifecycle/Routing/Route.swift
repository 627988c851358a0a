import PatchbayModel

/// Where a model's requests go.
package struct Route: Sendable {
    package var provider: any Provider
    /// The name of the model at the provider.
    package var upstreamModel: String
    /// Fields for requests that don't have them.
    package var defaults: RequestFields
    /// Who is asked next where this provider fails before its first word.
    package var fallbacks: [Route] = []
    /// How the model writes its tool calls into its text.
    package var markup: ToolMarkup
    /// The server's tools that its model is offered; nil: all.
    package var tools: [String]?
    /// What its own model can, its fallbacks' left aside.
    package var capabilities = ModelCapabilities()

    package init(
        provider: any Provider, upstreamModel: String, defaults: RequestFields, markup: ToolMarkup = .none
    ) {
        self.markup = markup
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.defaults = defaults
    }
}
