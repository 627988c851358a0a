internal import NIOCore
internal import PatchbayLifecycle
internal import PatchbayModel
internal import PatchbayUpstream

/// A plugin's tools as the lifecycle's port.
final class ToolAdapter: ToolRunner {
    private let plugin: PluginInstance
    private let table: ToolTable
    private let upstream: UpstreamClient
    private let shards: LoopShards
    /// A tool's output is kept apart (see `ToolOutput`), and handed on in one piece.
    private static let limits = StreamLimits(softCapBytes: .max, hardCapBytes: .max, maxEventBytes: .max)

    init(_ plugin: PluginInstance, table: ToolTable, upstream: UpstreamClient, shards: LoopShards) {
        self.plugin = plugin
        self.table = table
        self.upstream = upstream
        self.shards = shards
    }

    func invoke(_ invocation: ToolInvocation, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        strand.preconditionInEventLoop()
        guard plugin.enter() else { throw .toolsAreFull("The tool is being stopped.") }
        let shard = shards.shard(of: strand)
        let call = HostRegistry.shared.streams.insert(shard: shard) { id in
            StreamCall(
                id: id, loop: strand, shard: shard, plugin: plugin, table: table.call, upstream: upstream,
                limits: Self.limits, receiver: receiver, intake: .text(ToolOutput(limit: invocation.maxOutput)))
        }
        guard let call else {
            plugin.leave()
            throw .toolsAreFull("Too many requests are under way.")
        }
        try call.invoke(invocation, by: table)
        return call
    }
}

extension GatewayError {
    static func toolsAreFull(_ message: String) -> GatewayError { GatewayError(.overloaded, message, retryAfter: 1) }
}
