import ArgumentParser
import Logging
import NIOCore
import NIOPosix
import PatchbayConfig
import PatchbayFormats
import PatchbayLifecycle
import PatchbayModel
import PatchbayPluginHost
import PatchbayServer
import ServiceLifecycle
import UnixSignals

/// `patchbay serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the server.",
        discussion: """
            Loads the plugins, opens the port, and says so on standard error; GET /health answers from then on. SIGTERM or SIGINT ends it in \
            peace: no more connections, and what runs may end within server.shutdown.drain.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The address to listen on, in place of server.host.")
    var host: String?

    @Option(help: "The port to listen on, in place of server.port; 0 picks a free one.")
    var port: Int?

    @Option(help: "How log lines look: text for people, json for machines, auto by what standard error is.")
    var logFormat = LogFormat.auto

    @Option(help: "The least important lines to log: trace, debug, info, notice, warning, error, critical.")
    var logLevel = Logger.Level.info

    func run() async throws {
        Machine.forbidCoreFiles()
        logFormat.install(level: logLevel)
        let logger = Logger(label: "patchbay")
        let configuration = try options.load(host: host, port: port)
        do {
            try await serve(configuration, logger: logger)
        } catch let failure as StartFailure {
            Machine.printError(failure.description)
            throw ExitCode(1)
        } catch let error as ServerError {
            Machine.printError("patchbay: \(error)")
            throw ExitCode(1)
        }
    }

    private func serve(_ configuration: Configuration, logger: Logger) async throws {
        let loops = MultiThreadedEventLoopGroup.singleton
        let keys = try configuration.keyRing()
        let plugins = try await PluginSet(configuration, loops: loops, start: true, logger: logger)
        let store: (any HistoryStore)?
        let router: Router
        let hooks: [HookEntry]
        let tools: [ServerTool]
        do {
            store = try plugins.store(configuration)
            router = try plugins.router(configuration)
            hooks = try plugins.hooks(configuration)
            tools = try plugins.tools(configuration)
        } catch {
            await plugins.host.stop()
            throw error
        }
        let formats = Formats(
            maxDepth: configuration.server.limits.inputDepth, responsesEndWithDone: configuration.server.sseDone)
        let responses = formats.responses
        let gateway = Gateway(
            router: router, store: store, policy: configuration.policy, hooks: hooks, tools: tools,
            readRequest: { body throws(GatewayError) in try responses.request(from: body) },
            writeResponse: { responses.body(of: $0) }, process: Machine.processIdentity, logger: logger)
        let server = Server(
            configuration: configuration.serverConfiguration, gateway: gateway,
            formats: formats, keys: keys, group: loops, logger: logger)

        var services: [any Service] = [PluginService(plugins: plugins)]
        if let store {
            let maxBytes = configuration.storage?.retention.maxBytes
            services.append(
                RepeatingService(interval: .seconds(60)) {
                    do throws(GatewayError) {
                        try await store.sweep(maxBytes: maxBytes)
                    } catch {
                        logger.warning("the store could not be swept", metadata: ["reason": "\(error.message)"])
                    }
                })
            services.append(RepeatingService(interval: .seconds(15)) { await gateway.showAlive() })
        }
        services.append(
            ServerService(
                server: server, gateway: gateway, owners: keys.allOwners, loops: loops,
                drain: TimeAmount(configuration.server.shutdown.drain)
            ) { address in
                logger.info(
                    "listening",
                    metadata: [
                        "url": "http://\(address.description(host: configuration.server.host))",
                        "models": "\(configuration.models.count)", "plugins": "\(configuration.plugins.count)",
                    ])
            })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

extension SocketAddress {
    /// `127.0.0.1:8080`: the host as the configuration has it, and the port that was taken.
    fileprivate func description(host: String) -> String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port ?? 0)"
    }
}
