internal import NIOCore
internal import PatchbayLifecycle
internal import PatchbayModel
internal import PatchbayUpstream

/// A plugin's provider as the lifecycle's port.
final class ProviderAdapter: Provider {
    let name: String
    private let plugin: PluginInstance
    private let table: ProviderTable
    private let upstream: UpstreamClient
    private let limits: StreamLimits
    private let shards: LoopShards
    private let models: ProviderModels

    init(
        _ plugin: PluginInstance, table: ProviderTable, upstream: UpstreamClient, limits: StreamLimits,
        shards: LoopShards
    ) {
        self.name = plugin.name
        self.plugin = plugin
        self.table = table
        self.upstream = upstream
        self.limits = limits
        self.shards = shards
        models = plugin.models
    }

    func toolMarkup(of model: String) -> ToolMarkup {
        models[model].markup
    }

    func capabilities(of model: String) -> ModelCapabilities {
        models[model].capabilities
    }

    func begin(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        try begin(request, by: table, on: strand, receiver: receiver)
    }

    func count(_ request: ProviderRequest, on strand: any EventLoop, receiver: any ProviderReceiver)
        throws(GatewayError) -> (any ProviderCall)?
    {
        guard let counting = plugin.tokenCount else { return nil }
        return try begin(request, by: counting, on: strand, receiver: receiver)
    }

    var maxInputs: Int? { plugin.embeddings?.maxInputs }

    func embed(_ request: VectorRequest, on strand: any EventLoop, receiver: any VectorReceiver)
        throws(GatewayError) -> any ProviderCall
    {
        guard let embeddings = plugin.embeddings else {
            throw GatewayError(.invalidRequest, "The provider makes no embeddings.", code: "unsupported")
        }
        let intake = VectorIntake(inputs: request.inputs, maxDimensions: request.maxDimensions)
        return try begin(
            request.body, by: embeddings.table, intake: .vectors(intake), on: strand,
            receiver: VectorReception(intake, receiver))
    }

    private func begin(
        _ request: ProviderRequest, by table: ProviderTable, intake: StreamIntake? = nil, on strand: any EventLoop,
        receiver: any ProviderReceiver
    ) throws(GatewayError) -> any ProviderCall {
        strand.preconditionInEventLoop()
        if let timeout = request.timeout, timeout <= 0 {
            throw GatewayError(.timeout, "The request's time limit ran out before the provider was asked.")
        }
        guard plugin.enter() else {
            throw GatewayError(.overloaded, "The provider is being stopped.", detail: "plugin \(name) is stopped")
        }
        let shard = shards.shard(of: strand)
        let call = HostRegistry.shared.streams.insert(shard: shard) { id in
            StreamCall(
                id: id, loop: strand, shard: shard, plugin: plugin, table: table.call, upstream: upstream,
                limits: limits, receiver: receiver, intake: intake)
        }
        guard let call else {
            plugin.leave()
            throw GatewayError(
                .overloaded, "Too many requests are under way; try again later.", retryAfter: 1,
                detail: "the table of streams is full")
        }
        try call.begin(request, by: table)
        return call
    }
}
