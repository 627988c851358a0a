import ArgumentParser
import Logging
import NIOPosix
import PatchbayConfig
import PatchbayPluginHost

/// `patchbay plugins`
struct Plugins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a configuration's plugins and show what they are, with its hooks and tools.",
        discussion: """
            For each plugin: the file, the version, the interfaces that it offers. Makes the instances and doesn't start them: no model is \
            loaded, no database opened.

            How often hooks were visited and tools were called, and what tools plugins have, is asked of the running server, at the \
            configuration's host and port, with the key in PATCHBAY_KEY or the first one that the configuration has in plain text.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The address of the running server, in place of server.host.")
    var host: String?

    @Option(help: "The port of the running server, in place of server.port.")
    var port: Int?

    func run() async throws {
        LogFormat.auto.install(level: .warning)
        let logger = Logger(label: "patchbay")
        let configuration = try options.load()
        do {
            let plugins = try await PluginSet(
                configuration, loops: MultiThreadedEventLoopGroup.singleton, start: false, logger: logger)
            let listing: PluginListing
            do {
                listing = try await self.listing(configuration, plugins, logger: logger)
            } catch {
                await plugins.host.stop()
                throw error
            }
            await plugins.host.stop()
            print(listing.lines.joined(separator: "\n"))
        } catch let failure as StartFailure {
            Machine.printError(failure.description)
            throw ExitCode(1)
        }
    }

    private func listing(
        _ configuration: Configuration, _ plugins: PluginSet, logger: Logger
    ) async throws -> PluginListing {
        var listing = PluginListing()
        for plugin in plugins.host.plugins { listing.add(plugin, in: configuration) }
        let hooks = try plugins.hooks(configuration)
        if hooks.isEmpty && configuration.tools.isEmpty { return listing }
        let inquiry = ServerInquiry(configuration, host: host, port: port)
        do throws(ServerInquiry.Refusal) {
            let report = try await inquiry.report(on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
            listing.add(hooks: hooks, report)
            listing.add(toolsOf: report)
            listing.note("so far: at \(inquiry.address), since it was started")
        } catch {
            listing.add(hooks: hooks, nil)
            listing.add(tools: configuration.tools)
            listing.note("no counts, and no names of plugins' tools: \(inquiry.address): \(error.words)")
        }
        return listing
    }
}
