import Testing

@testable import PatchbayConfig

/// The sample of the contract that scripts outside the project follow.
@Suite struct ContractTests {
    static let sample = """
        server:
          host: 127.0.0.1            # default
          port: 8080                 # default; 0 picks a free port and prints it

        plugins:                     # one entry an instance; the same library may serve several
          - name: openai
            library: libpatchbay_openai.so      # absolute, or looked up in plugin_path
            config:                             # handed to the plugin; its schema is checked before its code runs
              base_url: http://127.0.0.1:9000/v1
              api_key: ${OPENAI_API_KEY}        # from the environment; ${NAME:-default} too
          - name: history
            library: libpatchbay_sqlite.so
            config: {path: ./patchbay.db}

        plugin_path: [./plugins]     # beside the executable by default

        models:
          - name: gpt-mini           # what clients ask for
            provider: openai         # a name under plugins
            upstream_model: gpt-5-mini
          - name: "mock*"            # a pattern, tried after exact names, longest first
            provider: openai         # upstream_model absent: the name that the client asked for
          - name: "local/*"
            provider: openai
            upstream_model: "*"      # what the star matched

        storage:
          plugin: history            # none: responses are not kept

        keys:                        # absent: no authentication
          - name: team-a             # the owner of everything stored under this key
            key: ${PATCHBAY_KEY_A}   # or key_sha256: ...
          - name: team-b
            key_sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

        """

    /// The same file's hooks and tools.
    static let hooksAndTools = """
        hooks:                       # in order
          - plugin: redact
            on_error: fail_closed    # or fail_open
            config: {…}

        tools:                       # run by the server inside a response
          - plugin: search           # every tool of a tool plugin (or tools: [names])
          - name: crc32              # or any C function, by libffi; the JSON schema is derived from it
            description: CRC-32 checksum of a text
            approval: auto           # auto | never | client
            ffi:
              library: libz.so.1
              symbol: crc32
              trust: in_process      # without it: in a worker process
              args:
                - {type: ulong, value: 0}                    # constant, not seen by the model
                - {name: data, type: bytes, description: the text}
                - {type: uint, length_of: data}
              returns: ulong

        """

    static let environment = ["OPENAI_API_KEY": "123", "PATCHBAY_KEY_A": "a-long-enough-key"]

    @Test("the contract's sample loads, with every value where it belongs")
    func loads() throws {
        let outcome = load(Self.sample, Self.environment) { $0.isReadableFile = { $0.hasPrefix("./plugins/") } }
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(outcome.lines == [])
        #expect(configuration.file == "config.yaml")
        #expect(configuration.server.host == "127.0.0.1")
        #expect(configuration.server.port == 8080)
        #expect(configuration.plugins.map(\.name) == ["openai", "history"])
        #expect(text(configuration.plugins[0].config) == #"{"base_url":"http://127.0.0.1:9000/v1","api_key":"123"}"#)
        #expect(text(configuration.plugins[1].config) == #"{"path":"./patchbay.db"}"#)
        #expect(configuration.pluginPath == ["./plugins"])
        #expect(configuration.plugins[0].libraryPath == "./plugins/libpatchbay_openai.so")
        #expect(configuration.models.map(\.name) == ["gpt-mini", "mock*", "local/*"])
        #expect(configuration.models.map(\.provider) == ["openai", "openai", "openai"])
        #expect(configuration.models.map(\.upstream) == [.fixed("gpt-5-mini"), .requested, .star])
        #expect(configuration.models.map(\.pattern) == [nil, ModelPattern("mock*"), ModelPattern("local/*")])
        #expect(configuration.storage?.plugin == "history")
        #expect(configuration.keys.map(\.name) == ["team-a", "team-b"])
        #expect(configuration.keys[0].secret == .plain("a-long-enough-key"))
        #expect(
            configuration.keys[1].secret
                == .sha256([
                    0x9f, 0x86, 0xd0, 0x81, 0x88, 0x4c, 0x7d, 0x65, 0x9a, 0x2f, 0xea, 0xa0, 0xc5, 0x5a, 0xd0, 0x15,
                    0xa3, 0xbf, 0x4f, 0x1b, 0x2b, 0x0b, 0x82, 0x2c, 0xd1, 0x5d, 0x6c, 0x15, 0xb0, 0xf0, 0x0a, 0x08,
                ]))
        #expect(!"\(configuration.keys) \(String(reflecting: configuration))".contains("a-long-enough-key"))
    }

    @Test("the contract's hooks and tools load, with every value where it belongs")
    func hooksAndTools() throws {
        let more = "  - {name: redact, library: r.so}\n  - {name: search, library: s.so}\n\nplugin_path:"
        let yaml = Self.sample.replacing("\nplugin_path:", with: more) + Self.hooksAndTools
        let outcome = load(yaml, Self.environment)
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(outcome.lines == [])
        #expect(configuration.hooks.map(\.plugin) == ["redact"])
        #expect(configuration.hooks[0].onError == .failClosed)
        #expect(text(configuration.hooks[0].config) == #"{"…":null}"#)
        #expect(configuration.tools.map(\.plugin) == ["search", nil])
        #expect(configuration.tools.map(\.name) == [nil, "crc32"])
        #expect(configuration.tools[1].description == "CRC-32 checksum of a text")
        #expect(configuration.tools[1].approval == .auto)
    }

    @Test("hooks and tools of plugins that aren't declared give exactly their errors")
    func undeclared() {
        #expect(
            load(Self.sample + Self.hooksAndTools, Self.environment).errors == [
                "36:13: hooks[0].plugin 'redact' is not declared under plugins; declared are openai and history",
                "41:13: tools[0].plugin 'search' is not declared under plugins; declared are openai and history",
            ])
    }

    @Test("without the environment, each variable is named at its place")
    func unset() {
        #expect(
            load(Self.sample).errors == [
                "10:16: the environment variable OPENAI_API_KEY is not set; set it, "
                    + "or write a default: ${OPENAI_API_KEY:-default}",
                "32:10: the environment variable PATCHBAY_KEY_A is not set; set it, "
                    + "or write a default: ${PATCHBAY_KEY_A:-default}",
            ])
    }
}
