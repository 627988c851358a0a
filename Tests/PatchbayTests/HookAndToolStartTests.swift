import Testing

/// `hooks:` and `tools:` that are wrong: at `check` where the file alone tells, else at the start; always with the line.
@Suite("Hooks and tools that are wrong")
struct HookAndToolStartTests {
    private let folder: Folder
    private let both: String

    init() throws {
        folder = try Folder()
        both = try Product.compile("hook_and_tools", into: folder)
    }

    /// Lines 1 to 6; what is under test begins at line 7.
    private func run(_ command: String, _ yaml: String, config: String = "{}", second: String? = nil) throws
        -> (run: Product.Run, file: String)
    {
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
              - {name: both, library: \(both), config: \(config)}
              - {name: other, library: \(second ?? both)}
            models:
              - {name: "*", provider: scripted}
            \(yaml)
            """, to: "config.yaml")
        let port = command == "serve" ? ["--port", "0"] : []
        let run = try Product.run(Product.binary, [command, "--config", file] + port)
        #expect(run.status == 1)
        return (run, file)
    }

    @Test("check says all that the file alone tells, at once")
    func check() throws {
        let (run, file) = try run(
            "check",
            """
            hooks:
              - {plugin: bth, on_error: ignore}
              - {plugin: both, budget: fast, config: {word: 1}}
            tools:
              - {plugin: other, approval: ask, tools: [say]}
              - {name: t}
            """, config: "{word: 2}")
        for line in [
            "8:14: error: hooks[0].plugin 'bth' is not declared under plugins; did you mean 'both'?",
            "8:29: error: hooks[0].on_error must be fail_closed or fail_open, found 'ignore'",
            "9:28: error: hooks[1].budget must be a duration",
            "9:43: error: hooks[1].config.word is set in plugins[1].config too; keep one of them",
            "11:31: error: tools[0].approval must be auto, never or client, found 'ask'",
            "12:5: error: tools[1] needs the key 'plugin', or the keys 'name' and 'ffi'",
        ] { #expect(run.errors.contains("\(file):\(line)"), "\(run.errors)") }
        #expect(run.errors.contains("\(file): 6 errors."))
    }

    @Test("a plugin that is no hook, or has no tools, is told where it is used as one")
    func noInterface() throws {
        let plain = try Product.compile(
            "hook_and_tools", into: folder, as: "libplain.so", defining: ["NO_HOOK", "NO_TOOLS"])
        let hook = try run("serve", "hooks: [{plugin: both}, {plugin: other}]", second: plain)
        #expect(hook.run.errors.contains("\(hook.file):7:34: error: plugin 'other'"))
        #expect(hook.run.errors.contains("it is used as a hook, but it isn't one: it offers nothing"))
        let tools = try run("serve", "tools: [{plugin: other}]", second: plain)
        #expect(tools.run.errors.contains("\(tools.file):7:18: error: plugin 'other'"))
        #expect(tools.run.errors.contains("it offers nothing"))
    }

    @Test("a tool that the plugin doesn't have is told with those that it has")
    func noTool() throws {
        let (run, file) = try run("serve", "tools: [{plugin: both, tools: [say, sya]}]")
        #expect(
            run.errors.contains(
                "\(file):7:37: error: tools[0].tools[1] 'sya' is no tool of the plugin 'both'; it has 'say', 'lose'"),
            "\(run.errors)")
    }

    @Test("two tools of one name, from two plugins: both are named, all at once")
    func twoOfOneName() throws {
        let (run, file) = try run("serve", "tools:\n  - {plugin: both}\n  - {plugin: other}")
        for name in ["say", "lose"] {
            #expect(
                run.errors.contains(
                    "\(file):9:14: error: two tools are called '\(name)': one of the plugin 'other' and one of the plugin 'both' at line 8; choose with 'tools'"
                ), "\(run.errors)")
        }
    }

    @Test(
        "a setting of a hook's config that the plugin refuses is told at its line there",
        arguments: ["plugins", "serve"])
    func refuses(command: String) throws {
        let (run, file) = try run(command, "hooks:\n  - plugin: both\n    config:\n      words:\n        first: wrong")
        #expect(run.errors.contains("\(file):11:16: error: plugin 'both'"), "\(run.errors)")
        #expect(run.errors.contains("must be another word"))
    }

    @Test("and one of the plugin's own is told there, though its hook has a config")
    func refusesOwn() throws {
        let (run, file) = try run(
            "plugins", "hooks: [{plugin: both, config: {more: 1}}]", config: "{words: {first: wrong}}")
        #expect(run.errors.contains("\(file):3:"), "\(run.errors)")
        #expect(!run.errors.contains("\(file):7:"))
    }
}
