package import PatchbayLifecycle

/// The tools of a plugin, and who runs them.
package struct PluginTools: Sendable {
    /// In the plugin's order.
    package var tools: [ToolDescription]
    package var runner: any ToolRunner
}

/// A tool, as models are told of it.
package struct ToolDescription: Sendable, Hashable {
    package var name: String
    package var description: String
    /// The JSON Schema of its arguments, an object schema.
    package var parameters: [UInt8]
}
