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
            sseDone: server.sseDone)
    }

    var policy: GatewayPolicy {
        var policy = GatewayPolicy()
        policy.onDisconnect = server.onDisconnect == .finish ? .finish : .cancel
        if let storage {
            policy.maxChainDepth = storage.limits.chainDepth
            policy.maxChainBytes = storage.limits.chainBytes
            policy.timeToLive = Int64(storage.retention.ttlSeconds) * 1000
            policy.durable = storage.durability == .commit
        }
        return policy
    }

    /// Throws a `StartFailure` for two entries with the same key.
    func keyRing() throws -> KeyRing {
        var ring: [KeyRing.Key] = []
        for key in keys {
            switch key.secret {
            case .plain(let text):
                ring.append(KeyRing.Key(owner: key.name, key: text))
            case .sha256(let digest):
                let hex = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                guard let key = KeyRing.Key(owner: key.name, sha256: hex) else {
                    throw StartFailure([
                        ConfigurationDiagnostic(mark: key.marks.mark(at: "key_sha256"), message: "no SHA-256 digest")
                    ])
                }
                ring.append(key)
            }
        }
        return KeyRing(ring)
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
                }))
    }
}
