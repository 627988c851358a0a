/// What is known of a loaded plugin.
package struct PluginInfo: Sendable, Hashable {
    package enum Health: String, Sendable, Hashable {
        case healthy, degraded, unhealthy
        /// The plugin has no health to tell, or isn't started.
        case unknown
    }

    package var name: String
    /// The file that was loaded.
    package var path: String
    /// The module's own words.
    package var id: String
    package var version: String
    package var licence: String
    package var summary: String
    /// The tables that this instance offers (`patchbay.provider/1`, …).
    package var interfaces: [String]
    /// The lowest minor version of the host's ABI that the module can work with.
    package var abiMinor: Int
    package var health: Health
    package var healthMessage: String
    /// Calls that have begun and not been released.
    package var calls: Int
    /// Calls that were cancelled, and not ended by the plugin within the grace.
    package var overdueCalls: Int
    /// Verdicts that it gave of a hook's visit that had one already.
    package var secondVerdicts: Int
}
