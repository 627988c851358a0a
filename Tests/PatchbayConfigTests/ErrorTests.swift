import Testing

@testable import PatchbayConfig

@Suite struct ErrorTests {
    @Test(
        "server: each error word for word",
        arguments: [
            Case("sever: {}\n", "1:1: unknown key 'sever' at the top level; did you mean 'server'?"),
            Case(
                "zzz: 1\n",
                "1:1: unknown key 'zzz' at the top level; allowed are server, plugins, plugin_path, models, storage, background, "
                    + "compaction, hooks, "
                    + "tools and keys"),
            Case("compaction: {key: too-short}\n", "1:19: compaction.key must have at least 16 characters"),
            Case("compaction: {model: m}\n", "1:21: compaction.model 'm' is not declared under models"),
            Case("server: 3\n", "1:9: server must be a mapping, found 3"),
            Case("server: {host: }\n", "1:16: server.host must be a string, found nothing"),
            Case("server: {host: ''}\n", "1:16: server.host must not be empty"),
            Case("server: {host: [a]}\n", "1:16: server.host must be a string, found a list"),
            Case(
                "server: {host: 'localhost:80'}\n",
                "1:16: server.host must be an address or a name without a port; the port is server.port"),
            Case("server: {host: '[::1]'}\n", "1:16: server.host must be an address without brackets"),
            Case("server: {host: 'a/b'}\n", "1:16: server.host must be an address or a name, not a URL"),
            Case("server: {port: 65536}\n", "1:16: server.port must be an integer from 0 to 65535, found 65536"),
            Case("server: {port: 80.5}\n", "1:16: server.port must be an integer from 0 to 65535, found 80.5"),
            Case("server: {port: -1}\n", "1:16: server.port must be an integer from 0 to 65535, found -1"),
            Case(
                "server: {port: 99999999999999999999}\n",
                "1:16: server.port must be an integer from 0 to 65535, found 99999999999999999999"),
            Case(
                "server: {tls: {certificate: a}}\n",
                "1:10: server.tls is not available in this version of patchbay; end TLS in a proxy before it"),
            Case(
                "server: {shutdown: {drain: 30}}\n",
                "1:28: server.shutdown.drain must be a duration such as 500ms, 30s, 15m, 12h or 30d, from 0s to 1h, found 30"
            ),
            Case(
                "server: {shutdown: {drain: 2h}}\n",
                "1:28: server.shutdown.drain must be a duration such as 500ms, 30s, 15m, 12h or 30d, from 0s to 1h, found '2h'"
            ),
            Case(
                "server: {limits: {body: 2 MB}}\n",
                "1:25: server.limits.body must be a size such as 32MiB, 10MB or 1024 (bytes), from 1KiB to 1GiB, found '2 MB'"
            ),
            Case(
                "server: {limits: {body: 9223372036854775807GiB}}\n",
                "1:25: server.limits.body must be a size such as 32MiB, 10MB or 1024 (bytes), from 1KiB to 1GiB, "
                    + "found '9223372036854775807GiB'"),
            Case(
                "server: {limits: {stream: {soft: 8MiB, hard: 1MiB}}}\n",
                "1:46: server.limits.stream.hard must not be less than server.limits.stream.soft, found 1048576 and 8388608 bytes"
            ),
            Case(
                "server: {on_disconnect: finnish}\n",
                "1:25: server.on_disconnect must be cancel or finish, found 'finnish'; did you mean 'finish'?"),
            Case(
                "server: {host: \"a\\nb\\e[31m\"}\n",
                "1:16: server.host must hold no spaces and no control characters"),
            Case(
                "\"a\\nb\": 1\n",
                "1:1: unknown key 'a\\u{a}b' at the top level; allowed are server, plugins, plugin_path, models, storage, "
                    + "background, compaction, hooks, tools and keys"),
            Case(
                "server: {port: \(String(repeating: "x", count: 70))}\n",
                "1:16: server.port must be an integer from 0 to 65535, found '\(String(repeating: "x", count: 60))...'"),
        ])
    func server(_ example: Case) {
        #expect(load(example.yaml).errors == example.errors)
    }

    @Test(
        "plugins: each error word for word",
        arguments: [
            Case("plugins: {name: a}\n", "1:10: plugins must be a list, found a mapping"),
            Case("plugins: [a]\n", "1:11: plugins[0] must be a mapping, found 'a'"),
            Case(
                "plugins: [{name: a, libary: l}]\n", "1:11: plugins[0] needs the key 'library'",
                "1:21: unknown key 'libary' under plugins[0]; did you mean 'library'?"),
            Case("plugins: [{library: l}]\n", "1:11: plugins[0] needs the key 'name'"),
            Case(
                "plugins: [{name: 12, library: l}]\n",
                "1:18: plugins[0].name must be a string, found 12; write it in quotes"),
            Case(
                "plugins: [{name: a b, library: l}]\n",
                "1:18: plugins[0].name must hold no spaces and no control characters"),
            Case(
                "plugins: [{name: none, library: l}]\n",
                "1:18: plugins[0].name must not be 'none', which means no plugin under storage"),
            Case(
                "plugins: [{name: a, library: l}, {name: a, library: l}]\n",
                "1:41: duplicate plugin name 'a'; it stands at line 1 already"),
            Case(
                "plugins: [{name: a, library: l, sha256: 12}]\n",
                "1:41: plugins[0].sha256 must be 64 hexadecimal digits, found an integer"),
            Case(
                "plugins: [{name: a, library: l, isolation: process}]\n",
                "1:44: plugins[0].isolation is 'process', which is not available in this version of patchbay; write none"
            ),
            Case(
                "plugins: [{name: a, library: l, isolation: jail}]\n",
                "1:44: plugins[0].isolation must be none or process, found 'jail'"),
            Case(
                "plugins: [{name: a, library: l, config: [1]}]\n",
                "1:41: plugins[0].config must be a mapping, found a list"),
            Case(
                "plugins: [{name: a, library: l, restart: {}, limits: {}, allow: {}}]\n",
                "1:33: plugins[0].restart is not available in this version of patchbay",
                "1:46: plugins[0].limits is not available in this version of patchbay",
                "1:58: plugins[0].allow is not available in this version of patchbay"),
        ])
    func plugins(_ example: Case) {
        #expect(load(example.yaml).errors == example.errors)
    }

    @Test(
        "models: each error word for word",
        arguments: [
            Case("models: [{name: m}]\n", "5:10: models[0] needs the key 'provider'"),
            Case(
                "models: [{name: m, provider: opnai}]\n",
                "5:30: models[0].provider 'opnai' is not declared under plugins; did you mean 'openai'?"),
            Case(
                "models: [{name: m, provider: other}]\n",
                "5:30: models[0].provider 'other' is not declared under plugins; declared are openai and history"),
            Case(
                "models: [{name: 'a*b*', provider: openai}]\n",
                "5:17: models[0].name may hold one '*', found 2 in 'a*b*'"),
            Case(
                "models: [{name: m, provider: openai, upstream_model: '*'}]\n",
                "5:54: models[0].upstream_model is '*' (what the star matched), but models[0].name holds no '*'"),
            Case(
                "models: [{name: 'm*', provider: openai, upstream_model: 'x*'}]\n",
                "5:57: models[0].upstream_model must be '*' alone (what the star matched) or hold no '*'"),
            Case(
                "models: [{name: m, provider: openai}, {name: m, provider: openai}]\n",
                "5:46: duplicate model name 'm'; it stands at line 5 already"),
            Case(
                "models:\n- {name: m, provider: openai, aliases: [n, o]}\n- {name: o, provider: openai, aliases: [n]}\n",
                "6:44: duplicate model name 'o'; it stands at line 7 already",
                "7:41: duplicate model name 'n'; it stands at line 6 already"),
            Case(
                "models: [{name: m, provider: openai, aliases: ['n*', 3]}]\n",
                "5:48: models[0].aliases[0] must be an exact name, without '*'",
                "5:54: models[0].aliases[1] must be a string, found 3; write it in quotes"),
            Case(
                "models: [{name: 'm*', provider: openai, aliases: [n]}]\n",
                "5:41: models[0].aliases are for exact names, and models[0].name is a pattern"),
            Case(
                "models: [{name: m, provider: openai, kinds: [chat, embedings]}]\n",
                "5:52: models[0].kinds[1] must be chat or embeddings, found 'embedings'; did you mean 'embeddings'?"
            ),
            Case(
                "models: [{name: m, provider: openai, kinds: []}]\n",
                "5:45: models[0].kinds must not be empty; leave it out for what the provider says"),
            Case(
                "models: [{name: m, provider: openai, context_tokens: 0, features: {tool: true, reasoning: maybe}}]\n",
                "5:54: models[0].context_tokens must be an integer from 1 to 1000000000, found 0",
                "5:68: unknown key 'tool' under models[0].features; did you mean 'tools'?",
                "5:91: models[0].features.reasoning must be true or false, found 'maybe'"),
            Case(
                "models: [{name: m, provider: openai, fallbacks: [n, m]}]\n",
                "5:50: models[0].fallbacks[0] 'n' is no model's name",
                "5:53: models[0].fallbacks[1] is the model itself"),
            Case(
                "models: [{name: m, provider: openai, tools: [a, \"b c\"]}]\n",
                "5:46: models[0].tools[0] 'a' is no tool of tools:",
                "5:49: models[0].tools[1] must be 1 to 64 of A-Z, a-z, 0-9, _ and -"),
            Case(
                "models: [{name: m, provider: openai, tool_markup: hermez}]\n",
                "5:51: models[0].tool_markup must be auto, none, hermes, llama, mistral, deepseek, glm, qwen_xml or json, found 'hermez'; did you mean 'hermes'?"
            ),
            Case(
                "models: [{name: m, provider: openai, defaults: 3}]\n",
                "5:48: models[0].defaults must be a mapping, found 3"),
        ])
    func models(_ example: Case) {
        let plugins = "plugins:\n  - {name: openai, library: l}\n  - name: history\n    library: l\n"
        #expect(load(plugins + example.yaml).errors == example.errors)
    }

    @Test(
        "storage: each error word for word",
        arguments: [
            Case("storage: history\n", "5:10: storage must be a mapping, found 'history'"),
            Case("storage: {retention: {ttl: 30d}}\n", "5:10: storage needs the key 'plugin'"),
            Case(
                "storage: {plugin: opena}\n",
                "5:19: storage.plugin 'opena' is not declared under plugins; did you mean 'openai'?"),
            Case(
                "storage: {plugin: openai, durability: disk}\n",
                "5:39: storage.durability must be commit or memory, found 'disk'"),
            Case(
                "storage: {plugin: openai, retention: {ttl: forever}}\n",
                "5:44: storage.retention.ttl must be a duration such as 500ms, 30s, 15m, 12h or 30d, from 1s to 3650d, "
                    + "found 'forever'"),
            Case(
                "storage: {plugin: openai, retention: {max_bytes_per_owner: 1}}\n",
                "5:60: storage.retention.max_bytes_per_owner must be a size such as 32MiB, 10MB or 1024 (bytes), from 1MiB to "
                    + "1024TiB, found 1"),
            Case(
                "storage: {plugin: openai, limits: {chain_depth: 0}}\n",
                "5:49: storage.limits.chain_depth must be an integer from 1 to 100000, found 0"),
        ])
    func storage(_ example: Case) {
        #expect(load(smallest + example.yaml).errors == example.errors)
    }

    @Test("an owner's bound stands in one place: under storage, or in the plugin's config")
    func ownerBound() {
        let storage = "storage: {plugin: history, retention: {max_bytes_per_owner: 1MiB}}\n"
        let plugin = "plugins:\n  - {name: history, library: l, config: {max_bytes_per_owner: 5}}\n"
        let message = "3:40: storage.retention.max_bytes_per_owner is set in plugins[0].config too; keep one of them"
        #expect(load(plugin + storage).errors == [message])
        #expect(load(plugin + "storage: {plugin: history}\n").errors == [])
    }

    @Test(
        "keys: each error word for word, and no secret in any",
        arguments: [
            Case("keys: []\n", "5:7: keys must not be empty, nobody could log in; leave it out for no authentication"),
            Case("keys: [{key: aaaaaaaaaaaaaaaa}]\n", "5:8: keys[0] needs the key 'name'"),
            Case("keys: [{name: a}]\n", "5:8: keys[0] needs the key 'key' or 'key_sha256'"),
            Case(
                "keys: [{name: a, key: 123456}]\n",
                "5:23: keys[0].key must be a string, found an integer; write it in quotes"),
            Case("keys: [{name: a, key: 'hunter 2'}]\n", "5:23: keys[0].key must be printable ASCII without spaces"),
            Case("keys: [{name: a, key: ''}]\n", "5:23: keys[0].key must not be empty"),
            Case(
                "keys: [{name: a, key_sha256: 9f86d081}]\n",
                "5:30: keys[0].key_sha256 must be 64 hexadecimal digits, found text"),
            Case(
                "keys: [{name: a, key: aaaaaaaaaaaaaaaa, key_sha256: \(hash)}]\n",
                "5:41: keys[0] has both 'key' and 'key_sha256'; write one of them"),
            Case(
                "keys:\n- {name: a, key: aaaaaaaaaaaaaaaa}\n- {name: b, key: aaaaaaaaaaaaaaaa}\n",
                "7:18: keys[1].key is the same as at line 6; two owners can't share a key"),
            Case(
                "keys:\n- {name: a, key_sha256: \(hash)}\n- {name: b, key_sha256: \(hash.uppercased())}\n",
                "7:25: keys[1].key_sha256 is the same as at line 6; two owners can't share a key"),
            Case(
                "keys:\n- {name: a, key: aaaaaaaaaaaaaaaa}\n- {name: a, key: bbbbbbbbbbbbbbbb}\n",
                "7:10: duplicate key name 'a'; it stands at line 6 already"),
        ])
    func keys(_ example: Case) {
        #expect(load(smallest + example.yaml).errors == example.errors)
    }

    @Test("all errors of a file come at once, by position, rendered with file, line and column")
    func together() {
        let yaml = """
            models:
              - {name: m, provider: opnai}
            plugins:
              - name: openai
                libary: x.so
            server:
              port: high
            """
        #expect(
            load(yaml).diagnostics.map(\.description) == [
                "config.yaml:2:25: error: models[0].provider 'opnai' is not declared under plugins; did you mean 'openai'?",
                "config.yaml:4:5: error: plugins[0] needs the key 'library'",
                "config.yaml:5:5: error: unknown key 'libary' under plugins[0]; did you mean 'library'?",
                "config.yaml:7:9: error: server.port must be an integer from 0 to 65535, found 'high'",
            ])
    }
}

/// SHA-256 of `test`.
let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
