/// A model as `GET /v1/models` shows it.
package struct ModelListing: Sendable, Hashable {
    package var name: String
    /// Unix seconds: when the server was started, since a configuration has no dates.
    package var created: Int
    /// The plugin that serves it.
    package var provider: String
    /// What it can, and all of its fallbacks too.
    package var capabilities: ModelCapabilities

    package init(name: String, created: Int, provider: String, capabilities: ModelCapabilities) {
        self.capabilities = capabilities
        self.name = name
        self.created = created
        self.provider = provider
    }
}
