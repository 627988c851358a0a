import Testing

@testable import PatchbayConfig

/// `hooks:` and `tools:`; the inside of `ffi:` is tried elsewhere.
@Suite struct HookAndToolTests {
    /// Three lines: the entry under test stands at line 4.
    private static func file(_ yaml: String, config: String = "{}") -> String {
        """
        plugins: [{name: a, library: a.so, config: \(config)}, {name: b, library: b.so}]
        models: [{name: m, provider: a}]
        storage: {plugin: b, retention: {max_bytes_per_owner: 1GiB}}

        """ + yaml + "\n"
    }

    private static let function =
        "ffi: {library: l, symbol: s, trust: in_process, args: [{name: t, type: string}], returns: string}"

    @Test("what is absent has its default")
    func defaults() throws {
        let outcome = load(Self.file("hooks: [{plugin: a}]\ntools: [{plugin: b}]"))
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        let hook = try #require(configuration.hooks.first)
        #expect(hook.plugin == "a" && hook.name == nil && hook.points == [] && hook.path == "hooks[0]")
        #expect(hook.onError == .failClosed && hook.budget == .seconds(1) && text(hook.config) == "{}")
        let tool = try #require(configuration.tools.first)
        #expect(tool.plugin == "b" && tool.tools == nil && tool.name == nil && tool.path == "tools[0]")
        #expect(tool.approval == .auto && tool.timeout == .seconds(30) && tool.maxOutput == 65_536)
        #expect(tool.onError == .continue)
    }

    @Test("every key reaches its value, in the order of the file")
    func everything() throws {
        let yaml = """
            hooks:
              - {plugin: b, on_error: fail_open, budget: 250ms, config: {patterns: [x], max: 3}}
              - {plugin: a, on_error: fail_closed}
            tools:
              - {plugin: a, tools: [find, read-1], approval: client, timeout: 2m, max_output: 1MiB, on_error: fail}
              - {plugin: a, tools: [erase], approval: never}
            """
        let outcome = load(Self.file(yaml))
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(configuration.hooks.map(\.plugin) == ["b", "a"])
        let hook = configuration.hooks[0]
        #expect(hook.onError == .failOpen && hook.budget == .milliseconds(250))
        #expect(text(hook.config) == #"{"patterns":["x"],"max":3}"#)
        #expect(hook.has(config: "patterns[0]") && hook.has(config: "max") && !hook.has(config: "other"))
        #expect(!configuration.hooks[1].has(config: "on_error"))
        #expect(configuration.tools.map(\.tools) == [["find", "read-1"], ["erase"]])
        let tool = configuration.tools[0]
        #expect(tool.approval == .client && tool.timeout == .seconds(120) && tool.maxOutput == 1 << 20)
        #expect(tool.onError == .fail && configuration.tools[1].approval == .never)
    }

    @Test("a C function has a name, and as a hook its points")
    func functions() throws {
        let yaml = """
            hooks: [{name: h, points: [request, tool_result], \(Self.function)}]
            tools: [{name: t, description: What it does, \(Self.function)}]
            """
        let outcome = load(Self.file(yaml))
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        let hook = configuration.hooks[0]
        #expect(hook.plugin == nil && hook.name == "h" && hook.points == [.request, .toolResult])
        let tool = configuration.tools[0]
        #expect(tool.plugin == nil && tool.name == "t" && tool.description == "What it does")
    }

    @Test(
        "hooks: each error word for word",
        arguments: [
            Case("hooks: 3", "4:8: hooks must be a list, found 3"),
            Case("hooks: []"),
            Case(
                "hooks: [{}]", "4:9: hooks[0] needs the key 'plugin', or the keys 'name', 'points' and 'ffi'"),
            Case(
                "hooks: [{plugn: a}]",
                "4:9: hooks[0] needs the key 'plugin', or the keys 'name', 'points' and 'ffi'",
                "4:10: unknown key 'plugn' under hooks[0]; did you mean 'plugin'?"),
            Case(
                "hooks: [{plugin: c, on_error: ignore}]",
                "4:18: hooks[0].plugin 'c' is not declared under plugins; declared are a and b",
                "4:31: hooks[0].on_error must be fail_closed or fail_open, found 'ignore'"),
            Case(
                "hooks: [{plugin: a, budget: 0s}]",
                "4:29: hooks[0].budget must be a duration such as 500ms, 30s, 15m, 12h or 30d, from 1ms to 1h, found '0s'"
            ),
            Case(
                "hooks: [{plugin: a, points: [request]}]",
                "4:21: hooks[0].points is for a C function, and hooks[0] names a plugin"),
            Case(
                "hooks: [{name: h, points: [requests], \(function)}]",
                "4:28: hooks[0].points[0] must be request, history_loaded, route, attempt_failed, events, tool_call, "
                    + "tool_result, complete, persisted or failure, found 'requests'; did you mean 'request'?"),
            Case(
                "hooks: [{name: h, points: [], \(function)}]",
                "4:27: hooks[0].points must not be empty, the hook would do nothing"),
            Case(
                "hooks: [{name: h, points: [request], config: {x: 1}, \(function)}]",
                "4:38: hooks[0].config is for a plugin, and hooks[0] names none"),
            Case(
                "hooks: [{plugin: a}, {plugin: a}]",
                "4:31: hooks[1].plugin 'a' is a hook at line 4 already; for a second one, add a second entry under plugins"
            ),
            Case(
                "hooks: [{plugin: a}, {name: a, points: [request], \(function)}]",
                "4:29: duplicate hook name 'a'; it stands at line 4 already"),
            Case("hooks: [{plugin: a, config: 3}]", "4:29: hooks[0].config must be a mapping, found 3"),
            Case(
                "hooks: [{plugin: a, config: {y: 1, x: 1}}]",
                "4:36: hooks[0].config.x is set in plugins[0].config too; keep one of them"),
            Case(
                "hooks: [{plugin: a, config: {x: }}]",
                "4:30: hooks[0].config.x is set in plugins[0].config too; keep one of them"),
            Case(
                "hooks: [{plugin: b, config: {max_bytes_per_owner: 1}}]",
                "4:30: hooks[0].config.max_bytes_per_owner is set in storage.retention too; keep one of them"),
        ])
    func hooks(_ example: Case) {
        #expect(load(Self.file(example.yaml, config: "{x: 2}")).errors == example.errors)
    }

    @Test(
        "tools: each error word for word",
        arguments: [
            Case("tools: {}", "4:8: tools must be a list, found a mapping"),
            Case("tools: []"),
            Case("tools: [{name: t}]", "4:9: tools[0] needs the key 'plugin', or the keys 'name' and 'ffi'"),
            Case(
                "tools: [{plugin: a, name: t, description: d}]",
                "4:21: tools[0].name is for a C function, and tools[0] names a plugin",
                "4:30: tools[0].description is for a C function, and tools[0] names a plugin"),
            Case(
                "tools: [{name: t, tools: [x], \(function)}]",
                "4:19: tools[0].tools are a plugin's, and tools[0] names none"),
            Case(
                "tools: [{plugin: a, tools: []}]",
                "4:28: tools[0].tools must not be empty; leave it out for all of them"),
            Case(
                "tools: [{plugin: a, tools: [web search]}]",
                "4:29: tools[0].tools[0] must be 1 to 64 of A-Z, a-z, 0-9, _ and -"),
            Case(
                "tools: [{plugin: a, approval: ask}]",
                "4:31: tools[0].approval must be auto, never or client, found 'ask'"),
            Case(
                "tools: [{plugin: a, on_error: fail_open}]",
                "4:31: tools[0].on_error must be continue or fail, found 'fail_open'"),
            Case(
                "tools: [{plugin: a, timeout: 2h}]",
                "4:30: tools[0].timeout must be a duration such as 500ms, 30s, 15m, 12h or 30d, from 1ms to 1h, found '2h'"
            ),
            Case(
                "tools: [{plugin: a, max_output: 1GiB}]",
                "4:33: tools[0].max_output must be a size such as 32MiB, 10MB or 1024 (bytes), from 256B to 16MiB, found '1GiB'"
            ),
            Case(
                "tools: [{plugin: a}, {plugin: a, tools: [x]}]",
                "4:31: tools[1].plugin 'a' has its tools at line 4 already; in two entries, each needs 'tools', the names that it is about"
            ),
            Case(
                "tools: [{plugin: a, tools: [x]}, {plugin: a}]",
                "4:43: tools[1].plugin 'a' has its tools at line 4 already; in two entries, each needs 'tools', the names that it is about"
            ),
            Case(
                "tools: [{plugin: a, tools: [x, y]}, {plugin: a, tools: [y]}, {name: x, \(function)}]",
                "4:57: duplicate tool name 'y'; it stands at line 4 already",
                "4:69: duplicate tool name 'x'; it stands at line 4 already"),
        ])
    func tools(_ example: Case) {
        #expect(load(Self.file(example.yaml)).errors == example.errors)
    }

    @Test("a plugin that hooks or tools alone use is used")
    func used() {
        let yaml = """
            plugins: [{name: a, library: a.so}, {name: b, library: b.so}, {name: c, library: c.so}, {name: d, library: d.so}]
            models: [{name: m, provider: a}]
            hooks: [{plugin: b}]
            tools: [{plugin: c}]

            """
        #expect(
            load(yaml).lines == [
                "1:96: warning: the plugin 'd' is used by no model, no hook, no tool and not by storage"
            ])
    }
}
