import NIOCore
import PatchbayConfig
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer

/// The configuration's values in the terms of those that use them.
extension Configuration {
    var serverConfiguration: PatchbayServer.ServerConfiguration {
        PatchbayServer.ServerConfiguration(
            host: server.host, port: server.port, bodyLimit: server.limits.body, headerLimit: server.limits.header,
            maxConnections: server.limits.connections,
            sseCommentInterval: server.sseCommentInterval.map(TimeAmount.init) ?? .hours(24 * 365),
            webSocket: PatchbayServer.WebSocketConfiguration(
                isEnabled: server.webSocket.enabled, maxConnections: server.webSocket.maxConnections,
                maxAge: TimeAmount(server.webSocket.maxAge),
                pingInterval: server.webSocket.pingInterval.map(TimeAmount.init),
                maxMemory: server.webSocket.maxMemory))
    }

    var policy: GatewayPolicy {
        var policy = GatewayPolicy()
        policy.onDisconnect = server.onDisconnect == .finish ? .finish : .cancel
        policy.toolRounds = server.limits.toolRounds
        policy.onRestart = background.onRestart == .restart ? .restart : .fail
        policy.maxBackgroundRunning = background.maxRunning
        policy.maxBackgroundQueued = background.maxQueued
        if let storage {
            policy.checkpointInterval = storage.checkpointInterval.map(TimeAmount.init)
            policy.maxShapeBytes = storage.limits.streamShape
            policy.maxChainDepth = storage.limits.chainDepth
            policy.maxChainBytes = storage.limits.chainBytes
            policy.timeToLive = Int64(storage.retention.ttlSeconds) * 1000
            policy.durable = storage.durability == .commit
        }
        policy.compaction.model = compaction.model
        if case .plain(let secret) = compaction.key { policy.compaction.key = CompactionKey(secret: secret.utf8) }
        if let instructions = compaction.instructions { policy.compaction.instructions = instructions }
        return policy
    }

    /// Throws a `StartFailure` for two entries with the same key.
    func keyRing() throws -> KeyRing {
        var ring: [KeyRing.Key] = []
        var owners: [[UInt8]: String] = [:]
        for key in keys {
            let entry = try Self.entry(key)
            if let other = owners.updateValue(key.name, forKey: entry.digest) {
                throw StartFailure([
                    ConfigurationDiagnostic(
                        mark: key.marks.mark(at: "name"),
                        message: "\(key.path) has the same key as '\(other)'; a key must have one owner")
                ])
            }
            ring.append(entry)
        }
        return KeyRing(ring)
    }

    private static func entry(_ key: KeyConfiguration) throws -> KeyRing.Key {
        switch key.secret {
        case .plain(let text):
            return KeyRing.Key(owner: key.name, key: text)
        case .sha256(let digest):
            guard let entry = KeyRing.Key(owner: key.name, sha256: digest.hexadecimal) else {
                throw StartFailure([
                    ConfigurationDiagnostic(mark: key.marks.mark(at: "key_sha256"), message: "no SHA-256 digest")
                ])
            }
            return entry
        }
    }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

extension Router.Entry {
    init(_ model: ModelConfiguration, provider: any Provider) {
        let upstream: String? =
            switch model.upstream {
            case .fixed(let name): name
            case .requested: nil
            case .star: "*"
            }
        let defaults = (try? JSONDocument.parse(model.defaults))?.root
        self.init(
            name: model.name, aliases: model.aliases, provider: provider, upstreamModel: upstream,
            defaults: RequestFields(
                (defaults?.members.map { $0 } ?? []).map {
                    RequestFields.Field(name: $0.key, json: Array($0.value.raw))
                }), fallbacks: model.fallbacks,
            // The words are the same; `auto` is the one that the lifecycle doesn't know, and means nil to it.
            markup: ToolMarkup(rawValue: model.toolMarkup.rawValue), tools: model.tools,
            capabilities: ModelCapabilities(model.abilities))
    }
}

extension ModelCapabilities {
    init(_ abilities: ModelAbilities) {
        self.init()
        kinds = abilities.kinds.map { kinds in
            Kinds(
                kinds.map { kind in
                    switch kind {
                    case .chat: .answers
                    case .embeddings: .embeddings
                    }
                })
        }
        inputs = abilities.inputs.map { inputs in
            Inputs(
                inputs.map { input in
                    switch input {
                    case .text: .text
                    case .image: .image
                    case .file: .file
                    case .audio: .audio
                    }
                })
        }
        contextTokens = abilities.contextTokens
        maxOutputTokens = abilities.maxOutputTokens
        dimensions = abilities.dimensions
        self[.tools] = abilities.features.tools
        self[.reasoning] = abilities.features.reasoning
        self[.structuredOutput] = abilities.features.structuredOutput
        self[.dimensions] = abilities.features.dimensions
    }
}
