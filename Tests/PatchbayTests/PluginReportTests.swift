import Testing

/// `GET /plugins` and `patchbay plugins`: the hooks and tools of a server, and how they have done.
@Suite("Reports of hooks and tools")
struct PluginReportTests {
    private let folder: Folder
    private let yaml: String

    init() throws {
        folder = try Folder()
        let both = try Product.compile("hook_and_tools", into: folder)
        yaml = """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
              - {name: both, library: \(both)}
            models:
              - {name: "*", provider: scripted}
            hooks:
              - {plugin: both, budget: 500ms}
            tools:
              - {plugin: both, tools: [say], timeout: 2s}
              - {plugin: both, tools: [lose], approval: client, on_error: fail}

            """
    }

    /// What `patchbay plugins` prints from its part about hooks on.
    private func listing(_ arguments: [String] = [], yaml: String? = nil, environment: [String: String] = [:]) throws
        -> [String]
    {
        let file = try folder.write(yaml ?? self.yaml, to: "config.yaml")
        let run = try Product.run(
            Product.binary, ["plugins", "--config", file] + arguments, environment: environment)
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return Array(lines.drop { $0 != "hooks, in the order of requests" })
    }

    private static func hook(_ counts: String? = nil) -> [String] {
        [
            "hooks, in the order of requests", "1. both", "  points      request", "  on_error    fail_closed",
            "  budget      500 ms",
        ] + (counts.map { ["  so far      " + $0] } ?? []) + [""]
    }

    @Test("without a server, plugins shows what the files tell, and says in a line that nobody answers")
    func alone() throws {
        // A port that nobody listens on: one that the system gave, and that is given back.
        let port = try ServerProcess(Setup(store: nil)).port
        let tools = [
            "tools", "say", "  plugin      both", "  approval    auto", "  timeout     2 s", "  max_output  64 KiB",
            "  on_error    continue", "lose", "  plugin      both", "  approval    client", "  timeout     30 s",
            "  max_output  64 KiB", "  on_error    fail", "",
        ]
        let end =
            "no counts, and no names of plugins' tools: http://127.0.0.1:\(port): no server answers there"
        #expect(try listing(["--port", "\(port)"]) == Self.hook() + tools + [end, ""])
    }

    @Test("plugins shows the counts and the tools of the running server")
    func counts() throws {
        let server = try ServerProcess(yaml)
        #expect(try server.respond("echo", "hello").status == 200)
        let rejected = try server.respond("echo", "this is forbidden")
        #expect(rejected.status == 400)
        #expect(rejected.error["message"] == "This isn't to be asked.")
        #expect(try server.respond("echo", "it is broken").error["code"] == "hook_failed")
        #expect(try server.respond("echo", "it is late").error["code"] == "hook_timeout")
        let called = try server.respond("tool", #"{"text":"a"}"#)
        #expect(called.json["output"]?.elements.contains { $0["type"] == "function_call_output" } == true)

        let listing = try listing(["--port", "\(server.port)"])
        let tools = [
            "tools of the running server", "say", "  parameters  text: string, times: integer or null (optional)",
            "  approval    auto", "  timeout     2 s", "  max_output  64 KiB", "  on_error    continue",
            "  so far      1 calls, 0 refused, 0 timed out, 0 failed", "lose", "  parameters  none",
            "  approval    client", "  timeout     30 s", "  max_output  64 KiB", "  on_error    fail",
            "  so far      0 calls, 0 refused, 0 timed out, 0 failed", "",
        ]
        let end = "so far: at http://127.0.0.1:\(server.port), since it was started"
        #expect(listing == Self.hook("5 visits, 1 rejected, 1 timed out, 1 failed") + tools + [end, ""])
    }

    @Test("GET /plugins has the counts of all, and needs a key where there are keys")
    func endpoint() throws {
        let server = try ServerProcess(yaml + Setup.keys)
        #expect(try server.get("/plugins").status == 401)
        #expect(try server.get("/plugins", key: "no-key-at-all").status == 401)
        #expect(try server.respond("echo", "forbidden", key: "key-of-team-a").status == 400)
        let report = try server.get("/plugins", key: "key-of-team-b")
        #expect(report.status == 200)
        let hook = try #require(report.json["hooks"]?[0])
        #expect(hook["name"] == "both" && hook["visits"] == 1 && hook["rejections"] == 1)
        #expect(report.json["tools"]?.elements.map { $0["name"] } == ["say", "lose"])
        #expect(!report.json.text.contains("team-a"))
    }

    @Test("plugins asks with the configuration's first plain key, or with PATCHBAY_KEY")
    func key() throws {
        let server = try ServerProcess(yaml + Setup.keys)
        let port = ["--port", "\(server.port)"]
        #expect(try listing(port, yaml: yaml + Setup.keys).contains("tools of the running server"))
        let digest = """
            keys:
              - {name: a, key_sha256: 9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f}
            """
        #expect(try listing(port, yaml: yaml + digest).dropLast().last?.hasSuffix("say one in PATCHBAY_KEY") == true)
        let known = try listing(port, yaml: yaml + digest, environment: ["PATCHBAY_KEY": "key-of-team-b"])
        #expect(known.contains("tools of the running server"))
        let wrong = try listing(port, yaml: yaml + Setup.keys, environment: ["PATCHBAY_KEY": "no-key-at-all"])
        #expect(wrong.dropLast().last?.contains("doesn't take the key") == true)
    }
}
