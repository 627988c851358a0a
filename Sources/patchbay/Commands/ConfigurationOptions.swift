import ArgumentParser
import PatchbayConfig

/// The options of every subcommand that reads a configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The configuration.", valueName: "file"))
    var config = "config.yaml"

    @Flag(help: "Allow a server that anybody on the network can use: no keys, and an address that isn't loopback.")
    var insecure = false

    /// Reads and checks the file; prints everything that is wrong with it to standard error and ends the program with
    /// 1 if anything is.
    func load(host: String? = nil, port: Int? = nil) throws -> Configuration {
        var options = LoaderOptions()
        options.host = host
        options.port = port
        options.isInsecure = insecure
        options.defaultPluginPath = Machine.defaultPluginPath
        let outcome = ConfigurationLoader.load(path: config, options: options)
        for diagnostic in outcome.diagnostics { Machine.printError(diagnostic.description) }
        guard let configuration = outcome.configuration else {
            let errors = outcome.diagnostics.count { $0.severity == .error }
            Machine.printError(
                "\(config): \(errors) error\(errors == 1 ? "" : "s"). Every key is described in Documentation/config.md."
            )
            throw ExitCode(1)
        }
        do {
            _ = try configuration.keyRing()
            try configuration.checkForeignNames()
        } catch let failure as StartFailure {
            Machine.printError(failure.description)
            throw ExitCode(1)
        }
        return configuration
    }
}
