@testable import PatchbayConfig

/// Loads text as `config.yaml`; every library exists unless a test says otherwise.
func load(
    _ text: String, _ environment: [String: String] = [:], _ change: (inout LoaderOptions) -> Void = { _ in }
) -> ConfigurationOutcome {
    load(bytes: Array(text.utf8), environment, change)
}

func load(
    bytes: [UInt8], _ environment: [String: String] = [:], _ change: (inout LoaderOptions) -> Void = { _ in }
) -> ConfigurationOutcome {
    var options = LoaderOptions()
    options.defaultPluginPath = ["/plugins"]
    options.isReadableFile = { _ in true }
    change(&options)
    return ConfigurationLoader.load(
        bytes: bytes, file: "config.yaml", environment: ConfigurationEnvironment(environment), options: options)
}

extension ConfigurationOutcome {
    /// The diagnostics without `config.yaml:`, errors first word kept: `3:5: error: ...`.
    var lines: [String] { diagnostics.map { String($0.description.dropFirst("config.yaml:".count)) } }
    /// Those that are errors.
    var errors: [String] {
        diagnostics.filter { $0.severity == .error }.map { "\($0.line):\($0.column): \($0.message)" }
    }
    /// Those that are warnings.
    var warnings: [String] {
        diagnostics.filter { $0.severity == .warning }.map { "\($0.line):\($0.column): \($0.message)" }
    }
}

/// A file with one plugin and one model, in order.
let smallest = """
    plugins:
      - {name: openai, library: libpatchbay_openai.so}
    models:
      - {name: gpt-mini, provider: openai}

    """

/// Bytes as text, for JSON.
func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "(none)" }
