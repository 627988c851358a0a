import Testing

@testable import PatchbayConfig

@Suite struct ValuesTests {
    @Test("what is absent has its default")
    func defaults() throws {
        let outcome = load(smallest)
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(outcome.lines == [])
        let server = configuration.server
        #expect(server.host == "127.0.0.1" && server.port == 8080 && server.isLoopback && !server.isInsecure)
        #expect(server.limits.body == 33_554_432 && server.limits.header == 65_536)
        #expect(server.limits.connections == 10_000 && server.limits.inputDepth == 128)
        #expect(server.limits.stream.soft == 262_144 && server.limits.stream.hard == 4_194_304)
        #expect(server.shutdown.drain == .seconds(30))
        #expect(server.sseCommentInterval == .seconds(15) && !server.sseDone && server.onDisconnect == .cancel)
        #expect(configuration.pluginPath == nil && configuration.storage == nil && configuration.keys.isEmpty)
        let model = configuration.models[0]
        #expect(model.upstream == .fixed("gpt-mini") && model.abilities == ModelAbilities() && model.aliases.isEmpty)
        #expect(model.toolMarkup == .auto)
        #expect(text(model.defaults) == "{}")
        #expect(configuration.plugins[0].sha256 == nil && configuration.plugins[0].isolation == .none)
    }

    @Test("every key of the file reaches its value")
    func everything() throws {
        let yaml = """
            server:
              host: "::1"
              port: 0
              limits: {body: 10MB, header: 8KiB, connections: 5, input_depth: 16, stream: {soft: 4096, hard: 8KiB}}
              shutdown: {drain: 1m}
              sse_done: true
              sse_comment_interval: 0s
              on_disconnect: finish
            plugins:
              - {name: p, library: /x/l.so, sha256: \(hash), isolation: none, config: {}}
            plugin_path: [lib, /abs]
            models:
              - {name: m, provider: p, aliases: [a, b], defaults: {temperature: 0.2}, kinds: [chat], tool_markup: qwen_xml}
              - name: v
                provider: p
                kinds: [embeddings, chat]
                inputs: [text, image]
                context_tokens: 8191
                max_output_tokens: 4096
                dimensions: 1536
                features: {tools: true, reasoning: false, structured_output: true, dimensions: false}
            storage:
              plugin: p
              retention: {ttl: 12h, max_bytes: 1GiB, max_bytes_per_owner: 3MiB}
              durability: memory
              limits: {chain_depth: 7, chain_bytes: 2MiB}
            compaction: {model: a, key: sixteen-or-more-c, instructions: Be brief.}
            """
        let outcome = load(yaml)
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        let server = configuration.server
        #expect(server.host == "::1" && server.port == 0 && server.isLoopback)
        #expect(server.limits.body == 10_000_000 && server.limits.header == 8192)
        #expect(server.limits.connections == 5 && server.limits.inputDepth == 16)
        #expect(server.limits.stream.soft == 4096 && server.limits.stream.hard == 8192)
        #expect(server.shutdown.drain == .seconds(60) && server.sseDone && server.sseCommentInterval == nil)
        #expect(server.onDisconnect == .finish)
        #expect(configuration.plugins[0].sha256?.count == 32 && configuration.plugins[0].libraryPath == "/x/l.so")
        #expect(configuration.pluginPath == ["lib", "/abs"])
        #expect(configuration.models[0].aliases == ["a", "b"])
        #expect(configuration.models[0].toolMarkup == .qwenXML)
        #expect(configuration.models[0].abilities.kinds == [.chat])
        let abilities = configuration.models[1].abilities
        #expect(abilities.kinds == [.embeddings, .chat] && abilities.inputs == [.text, .image])
        #expect(abilities.contextTokens == 8191 && abilities.maxOutputTokens == 4096 && abilities.dimensions == 1536)
        #expect(abilities.features.tools == true && abilities.features.reasoning == false)
        #expect(abilities.features.structuredOutput == true && abilities.features.dimensions == false)
        #expect(text(configuration.models[0].defaults) == #"{"temperature":0.2}"#)
        #expect(configuration.compaction.model == "a" && configuration.compaction.instructions == "Be brief.")
        #expect(configuration.compaction.key == .plain("sixteen-or-more-c"))
        #expect("\(configuration.compaction)".contains("sixteen") == false)
        let storage = try #require(configuration.storage)
        #expect(storage.retention.ttlSeconds == 43_200 && storage.retention.maxBytes == 1 << 30)
        #expect(storage.retention.maxBytesPerOwner == 3 << 20)
        #expect(storage.durability == .memory)
        #expect(storage.limits.chainDepth == 7 && storage.limits.chainBytes == 2 << 20)
    }

    @Test("sections that hold nothing are absent")
    func empty() {
        let outcome = load("server:\nplugins:\nplugin_path:\nmodels:\nstorage:\nhooks:\ntools:\nkeys:\n")
        #expect(outcome.lines == ["4:8: warning: no models are configured: every request will be answered 404"])
        #expect(outcome.configuration?.keys.isEmpty == true)
    }

    @Test("storage.plugin none is no storage, and says so of what it makes useless")
    func none() {
        let outcome = load(smallest + "storage: {plugin: none, durability: memory}\n")
        #expect(outcome.configuration?.storage == nil)
        #expect(outcome.lines == ["5:25: warning: storage.durability has no effect: storage.plugin is none"])
    }

    @Test("a plugin that nothing refers to is worth a warning")
    func unused() {
        #expect(
            load("plugins: [{name: spare, library: l}]\n").lines == [
                "1:1: warning: no models are configured: every request will be answered 404",
                "1:18: warning: the plugin 'spare' is used by no model, no hook, no tool and not by storage",
            ])
    }

    @Test("a short key is worth a warning")
    func shortKey() {
        let outcome = load(smallest + "keys: [{name: a, key: abc}]\n")
        #expect(outcome.configuration != nil)
        #expect(outcome.lines == ["5:23: warning: keys[0].key has fewer than 16 characters, which is easy to guess"])
    }

    @Test("a pattern has exactly one star")
    func patterns() {
        #expect(ModelPattern("plain") == nil && ModelPattern("a*b*c") == nil)
        #expect(ModelPattern("local/*-it")?.prefix == "local/" && ModelPattern("local/*-it")?.suffix == "-it")
    }

    @Test(
        "loopback is this machine only",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("LOCALHOST", true), ("::1", true),
            ("0.0.0.0", false), ("::", false), ("127.0.0.1.example.org", false), ("127.1", false),
            ("127.0.0.256", false),
            ("10.0.0.1", false), ("", false), ("1270.0.1.1", false), ("127.0.0.+1", false),
        ])
    func loopback(_ host: String, _ isLoopback: Bool) {
        #expect(LoopbackHost.contains(host) == isLoopback)
    }

    @Test("suggestions are near, or there are none")
    func suggestions() {
        let names = ["library", "base_url", "name"]
        #expect(Suggestion.nearest(to: "libary", among: names) == "library")
        #expect(Suggestion.nearest(to: "lirbary", among: names) == "library")
        #expect(Suggestion.nearest(to: "base-url", among: names) == "base_url")
        #expect(Suggestion.nearest(to: "Name", among: names) == "name")
        #expect(Suggestion.nearest(to: "nope", among: names) == nil)
        #expect(Suggestion.nearest(to: "x", among: ["y"]) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "x", count: 100_000), among: names) == nil)
    }
}
