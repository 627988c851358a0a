internal import Logging
package import NIOCore
internal import PatchbayLifecycle
import Synchronization

extension PluginHost {
    /// Tells the plugins that no new work comes, and waits until what runs has ended, at most for `timeout`. False:
    /// something still runs.
    @discardableResult
    package func drain(timeout: TimeAmount) async -> Bool {
        let deadline = NIODeadline.now() + timeout
        let milliseconds = UInt64(max(0, timeout.nanoseconds / 1_000_000))
        for plugin in all {
            await step(plugin, "drain") { $0.drain(milliseconds: milliseconds) }
        }
        var isIdle = true
        for plugin in all {
            let left = max(.zero, deadline - NIODeadline.now())
            isIdle = await plugin.work.waitForNone(within: left, on: loops.next()) && isIdle
        }
        return isIdle
    }

    /// Ends everything, the last plugin first: cancels what still runs, gives plugins time to let go of it, and stops
    /// and destroys them. Each step is bounded; a plugin that hangs is logged and left behind.
    package func stop() async {
        let plugins = instances.withLock { instances in
            defer { instances = [] }
            return instances
        }
        for plugin in plugins { plugin.close() }
        for call in HostRegistry.shared.streams.all where plugins.contains(where: { $0 === call.plugin }) {
            call.loop.execute { call.cancel(.shutdown) }
        }
        for call in HostRegistry.shared.hookCalls.all where plugins.contains(where: { $0 === call.plugin }) {
            call.loop.execute { call.shutDown() }
        }
        let deadline = NIODeadline.now() + settings.stopTimeout
        for plugin in plugins.reversed() {
            let left = max(.zero, deadline - NIODeadline.now())
            if await !plugin.work.waitForNone(within: left, on: loops.next()) {
                plugin.logger.warning(
                    "a plugin still holds calls and is stopped all the same",
                    metadata: ["calls": "\(plugin.work.count)"])
                guard await retire(plugin) else { continue }
            }
            guard await step(plugin, "stop", { $0.stop() }) else { continue }
            await abandon(callsOf: plugin)
            await step(plugin, "destroy") { $0.destroy() }
        }
    }

    private var all: [PluginInstance] { instances.withLock { $0 } }

    /// Sees to it that none of the host's calls is under way in the plugin when it is stopped. False: one hangs.
    private func retire(_ plugin: PluginInstance) async -> Bool {
        let turns = WorkCount()
        for call in HostRegistry.shared.hookCalls.all where call.plugin === plugin {
            turns.begin()
            call.loop.execute {
                call.retire()
                turns.end()
            }
        }
        let isRetired = await turns.waitForNone(within: settings.stopTimeout, on: loops.next())
        guard !isRetired || plugin.workers.runningCount > 0 else { return true }
        plugin.logger.error(
            "a plugin hangs and is left behind",
            metadata: ["function": "visit", "threads": "\(plugin.workers.runningCount)"])
        return false
    }

    /// The plugin's threads are joined: what it hasn't ended it never will.
    private func abandon(callsOf plugin: PluginInstance) async {
        for call in HostRegistry.shared.streams.all where call.plugin === plugin {
            call.loop.execute { call.abandon() }
        }
        for call in HostRegistry.shared.hookCalls.all where call.plugin === plugin {
            call.loop.execute { call.abandon() }
        }
        _ = await plugin.work.waitForNone(within: settings.stopTimeout, on: loops.next())
    }

    /// Runs one [init] function. False: it hangs.
    @discardableResult
    private func step(
        _ plugin: PluginInstance, _ name: String, _ function: @escaping @Sendable (PluginInstance) -> Void
    ) async -> Bool {
        let inTime = await HostRegistry.shared.loader.run(within: settings.stopTimeout, on: loops.next()) {
            function(plugin)
        }
        if !inTime {
            plugin.logger.error(
                "a plugin hangs and is left behind",
                metadata: ["function": "\(name)", "limit": "\(settings.stopTimeout)"])
        }
        return inTime
    }
}
