package import Logging
package import NIOCore
package import PatchbayLifecycle
package import PatchbayUpstream
import Synchronization

/// The plugins of one configuration: loads them, lends them out as the lifecycle's ports, and ends them.
package final class PluginHost: Sendable {
    let loops: any EventLoopGroup
    let upstream: UpstreamClient
    let logger: Logger
    let settings: PluginHostSettings
    private let shards = LoopShards()
    /// In the order of the configuration.
    let instances = Mutex<[PluginInstance]>([])

    /// - Parameters:
    ///   - loops: a group of `MultiThreadedEventLoopGroup`'s loops; calls are begun on these.
    ///   - upstream: does the HTTP of the plugins.
    package init(
        loops: any EventLoopGroup, upstream: UpstreamClient, logger: Logger,
        settings: PluginHostSettings = PluginHostSettings()
    ) {
        self.loops = loops
        self.upstream = upstream
        self.logger = logger
        self.settings = settings
    }

    /// What is known of each plugin, in the configuration's order.
    package var plugins: [PluginInfo] { instances.withLock { $0 }.map(\.info) }

    /// The plugin as a provider. Throws where there is no plugin of that name, or it is none.
    package func provider(named name: String) throws(PluginError) -> any Provider {
        let plugin = try instance(name)
        guard let table = plugin.provider else { throw lacks(plugin, "a provider") }
        return ProviderAdapter(plugin, table: table, upstream: upstream, limits: settings.limits, shards: shards)
    }

    /// The plugin as a store. Throws where there is no plugin of that name, or it is none.
    package func store(named name: String) throws(PluginError) -> any HistoryStore {
        let plugin = try instance(name)
        guard let table = plugin.storage else { throw lacks(plugin, "a store") }
        return StoreAdapter(plugin, table: table, loops: loops, timeout: settings.storeTimeout, now: settings.now)
    }

    /// The plugin as a hook. Throws where there is no plugin of that name, or it is none.
    package func hook(named name: String) throws(PluginError) -> any Hook {
        let plugin = try instance(name)
        guard let table = plugin.hooks else { throw lacks(plugin, "a hook") }
        return HookAdapter(plugin, table: table, limits: settings.limits, shards: shards)
    }

    /// The plugin's tools, known once it has started. Throws where there is no plugin of that name, or it has none.
    package func tools(named name: String) throws(PluginError) -> PluginTools {
        let plugin = try instance(name)
        guard let table = plugin.tools else { throw lacks(plugin, "a plugin of tools") }
        return PluginTools(
            tools: plugin.toolList.tools, runner: ToolAdapter(plugin, table: table, upstream: upstream, shards: shards))
    }

    private func instance(_ name: String) throws(PluginError) -> PluginInstance {
        guard let found = instances.withLock({ $0.first { $0.name == name } }) else {
            throw PluginError(plugin: name, library: "", kind: .unknown, message: "there is no plugin of this name")
        }
        return found
    }

    private func lacks(_ plugin: PluginInstance, _ use: String) -> PluginError {
        let has = plugin.interfaces.isEmpty ? "nothing" : plugin.interfaces.joined(separator: " and ")
        return PluginError(
            plugin: plugin.name, library: plugin.library, kind: .missingInterface,
            message: "it is used as \(use), but it isn't one: it offers \(has)")
    }
}
