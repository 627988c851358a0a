import Logging
import NIOCore
import PatchbayConfig
import PatchbayLifecycle
import PatchbayPluginHost
import PatchbayUpstream

/// The plugins of a configuration, loaded: the one place where the YAML's entries and the plugin host's meet, so that
/// a plugin's complaint is told with the line that it is about.
struct PluginSet {
    let host: PluginHost
    let upstream: UpstreamClient

    /// Loads all plugins, and starts them if asked to. Throws a `StartFailure` with every complaint.
    init(_ configuration: Configuration, loops: any EventLoopGroup, start: Bool, logger: Logger) async throws {
        var settings = UpstreamConfiguration()
        settings.maxConnectionsPerDestination = configuration.server.limits.connections
        settings.proxies = try UpstreamProxies(environment: Machine.environment)
        settings.userAgent = "patchbay/\(Version.current)"
        upstream = UpstreamClient(configuration: settings, logger: logger)

        let stream = configuration.server.limits.stream
        host = PluginHost(
            loops: loops, upstream: upstream, logger: logger,
            settings: PluginHostSettings(
                searchPath: configuration.pluginPath ?? Machine.defaultPluginPath,
                limits: PatchbayPluginHost.StreamLimits(
                    softCapBytes: stream.soft, hardCapBytes: stream.hard, maxEventBytes: 16 << 20)))
        do throws(PluginErrors) {
            try await host.load(
                configuration.plugins.map { PluginDescription($0, config: configuration.config(of: $0)) }, start: start)
        } catch {
            throw StartFailure(error.errors.map { $0.diagnostic(in: configuration) })
        }
    }

    /// The configured models over these plugins.
    func router(_ configuration: Configuration) throws -> Router {
        try Router(
            configuration.models.map { model in
                let provider: any Provider
                do throws(PluginError) {
                    provider = try host.provider(named: model.provider)
                } catch {
                    throw StartFailure([
                        ConfigurationDiagnostic(mark: model.marks.mark(at: "provider"), message: error.description)
                    ])
                }
                return Router.Entry(model, provider: provider)
            })
    }

    /// The configured store; nil where none is.
    func store(_ configuration: Configuration) throws -> (any HistoryStore)? {
        guard let storage = configuration.storage else { return nil }
        do throws(PluginError) {
            return try host.store(named: storage.plugin)
        } catch {
            throw StartFailure([
                ConfigurationDiagnostic(mark: storage.marks.mark(at: "plugin"), message: error.description)
            ])
        }
    }
}

extension PluginDescription {
    fileprivate init(_ plugin: PluginConfiguration, config: [UInt8]) {
        self.init(
            name: plugin.name, library: plugin.libraryPath ?? plugin.library,
            sha256: plugin.sha256.map(\.hexadecimal), config: config)
    }
}

extension PluginError {
    /// The complaint at the line that it is about: the plugin's setting where it named one, else the plugin's library.
    fileprivate func diagnostic(in configuration: Configuration) -> ConfigurationDiagnostic {
        guard let entry = configuration.plugins.first(where: { $0.name == plugin }) else {
            return ConfigurationDiagnostic(
                mark: SourceMark(file: configuration.file, line: 1, column: 1), message: description)
        }
        let mark =
            param.map { configuration.markOfHandedDown($0, entry) ?? entry.mark(ofConfig: $0) }
            ?? entry.marks.mark(at: "library")
        return ConfigurationDiagnostic(mark: mark, message: description)
    }
}
