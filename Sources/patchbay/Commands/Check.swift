import ArgumentParser
import PatchbayConfig

/// `patchbay check`
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration and exit: 0 if it is right, 1 with every error if not.",
        discussion: "Loads no plugin and opens no port. `patchbay plugins` loads them as well.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.load()
        print(
            "\(configuration.file): all right. \(configuration.plugins.count) plugins, \(configuration.models.count) models, \(configuration.keys.count) keys."
        )
    }
}
