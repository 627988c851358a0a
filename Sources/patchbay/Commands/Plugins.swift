import ArgumentParser
import Logging
import NIOPosix
import PatchbayConfig
import PatchbayPluginHost

/// `patchbay plugins`
struct Plugins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a configuration's plugins and show what they are.",
        discussion:
            "For each: the file, the version, the interfaces that it offers. Makes the instances and doesn't start them: no model is loaded, no database opened."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        LogFormat.auto.install(level: .warning)
        let configuration = try options.load()
        do {
            let plugins = try await PluginSet(
                configuration, loops: MultiThreadedEventLoopGroup.singleton, start: false,
                logger: Logger(label: "patchbay"))
            for plugin in plugins.host.plugins {
                print("\(plugin.name)")
                print("  library     \(plugin.path)")
                print("  module      \(plugin.id) \(plugin.version) (\(plugin.licence)), ABI 1.\(plugin.abiMinor)")
                print("              \(plugin.summary)")
                print("  interfaces  \(plugin.interfaces.joined(separator: ", "))")
                let models = configuration.models.filter { $0.provider == plugin.name }.map(\.name)
                if !models.isEmpty { print("  serves      \(models.joined(separator: ", "))") }
                if configuration.storage?.plugin == plugin.name { print("  serves      storage") }
            }
            await plugins.host.stop()
        } catch let failure as StartFailure {
            Machine.printError(failure.description)
            throw ExitCode(1)
        }
    }
}
