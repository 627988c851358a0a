internal import NIOCore
internal import PatchbayLifecycle

/// A plugin's hook as the lifecycle's port.
final class HookAdapter: Hook {
    let name: String
    let interest: HookInterest
    private let plugin: PluginInstance
    private let table: HookTable
    private let limits: StreamLimits
    private let shards: LoopShards

    init(_ plugin: PluginInstance, table: HookTable, limits: StreamLimits, shards: LoopShards) {
        name = plugin.name
        interest = table.interest
        self.plugin = plugin
        self.table = table
        self.limits = limits
        self.shards = shards
    }

    func open(_ request: HookedRequest) throws(HookFault) -> any HookSession {
        request.strand.preconditionInEventLoop()
        guard plugin.enter() else { throw HookFault("the plugin is stopped") }
        let shard = shards.shard(of: request.strand)
        let call = HostRegistry.shared.hookCalls.insert(shard: shard) { id in
            HookCall(id: id, shard: shard, plugin: plugin, table: table, limits: limits, request: request)
        }
        guard let call else {
            plugin.leave()
            throw HookFault("too many requests are under way: the table of visits is full")
        }
        if !table.mayBlock { try call.openNow() }
        return call
    }
}
