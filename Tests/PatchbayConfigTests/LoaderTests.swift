import Testing

@testable import PatchbayConfig

@Suite struct LoaderTests {
    @Test("an open host needs keys, or --insecure")
    func insecure() throws {
        let open = "server: {host: 0.0.0.0}\n" + smallest
        let reach = "server.host '0.0.0.0' can be reached from other machines and no keys are configured"
        #expect(load(open).errors == ["1:16: \(reach); add keys, or start with --insecure"])
        let insecure = load(open) { $0.isInsecure = true }
        #expect(insecure.configuration?.server.isInsecure == true)
        #expect(insecure.warnings == ["1:16: \(reach): anyone there can use every model (--insecure)"])
        #expect(load(open + "keys: [{name: a, key: aaaaaaaaaaaaaaaa}]\n").lines == [])
        #expect(load(open + "keys: [{name: a}]\n").errors == ["6:8: keys[0] needs the key 'key' or 'key_sha256'"])
        #expect(load(open + "keys:\n").errors.count == 1)
    }

    @Test("the command line's host and port win, and are held to the same rules")
    func overrides() throws {
        let file = "server: {host: 0.0.0.0, port: 1}\n" + smallest
        let local = load(file) { options in
            options.host = "localhost"
            options.port = 0
        }
        let server = try #require(local.configuration, "\(local.lines)").server
        #expect(server.host == "localhost" && server.port == 0)
        #expect(
            load(smallest, [:]) { $0.host = "10.0.0.1" }.errors == [
                "1:1: --host '10.0.0.1' can be reached from other machines and no keys are configured; "
                    + "add keys, or start with --insecure"
            ])
        #expect(
            load(smallest, [:]) { $0.port = 70_000 }.errors == [
                "1:1: --port must be an integer from 0 to 65535, found 70000"
            ])
    }

    @Test("a library is absolute or looked up in plugin_path, which is relative to the file")
    func libraries() throws {
        try Folder.with { folder in
            let yaml = """
                plugins:
                  - {name: near, library: libnear.so}
                  - {name: far, library: libfra.so}
                  - {name: gone, library: /nowhere/libx.so}
                  - {name: folder, library: sub}
                plugin_path: [sub, \(folder.path)/other/]

                """
            try folder.write("config.yaml", yaml)
            try folder.write("sub/libnear.so", "")
            try folder.write("other/libfar.so", "")
            try folder.write("other/sub/x", "")
            let path = folder.path + "/config.yaml"
            let looked = "\(folder.path)/sub or \(folder.path)/other/"
            let environment = ConfigurationEnvironment([:])
            let outcome = ConfigurationLoader.load(path: path, environment: environment)
            #expect(
                outcome.errors == [
                    "3:26: plugins[1].library 'libfra.so' was not found in \(looked); did you mean 'libfar.so'?",
                    "4:27: plugins[2].library '/nowhere/libx.so' was not found",
                    "5:29: plugins[3].library 'sub' was not found in \(looked)",
                ])
            #expect(outcome.diagnostics.first?.file == path)
            let near = "plugins: [{name: near, library: libnear.so}]\n"
            try folder.write("near.yaml", near + "plugin_path: [other, sub]\n")
            let found = ConfigurationLoader.load(path: folder.path + "/near.yaml", environment: environment)
            #expect(found.configuration?.plugins[0].libraryPath == folder.path + "/sub/libnear.so")
            try folder.write("default.yaml", near)
            var options = LoaderOptions()
            options.defaultPluginPath = [folder.path + "/sub"]
            let beside = ConfigurationLoader.load(
                path: folder.path + "/default.yaml", environment: environment, options: options)
            #expect(beside.configuration?.plugins[0].libraryPath == folder.path + "/sub/libnear.so")
            #expect(beside.configuration?.pluginPath == nil)
            #expect(
                ConfigurationLoader.load(path: folder.path + "/default.yaml", environment: environment).errors == [
                    "1:33: plugins[0].library 'libnear.so' was not found; it is no absolute path and there is no plugin_path to look in"
                ])
            options.findsLibraries = false
            options.defaultPluginPath = []
            let unchecked = ConfigurationLoader.load(
                path: folder.path + "/default.yaml", environment: environment, options: options)
            #expect(unchecked.configuration != nil)
        }
    }

    @Test("thousands of dangling references cost no more than their list")
    func manyReferences() {
        let plugins = (0..<2000).map { "- {name: plugin-\($0), library: l}\n" }.joined()
        let models = (0..<2000).map { "- {name: m\($0), provider: plugin-x\($0)}\n" }.joined()
        let errors = load("plugins:\n" + plugins + "models:\n" + models).errors
        #expect(errors.last == "2102:25: too many problems; 1900 more are not shown")
    }

    @Test("a file that can't be read is one error at its beginning")
    func unreadable() throws {
        try Folder.with { folder in
            func first(_ name: String) -> String? {
                ConfigurationLoader.load(path: folder.path + name).diagnostics.first?.description
            }
            #expect(
                first("/absent.yaml") == "\(folder.path)/absent.yaml:1:1: error: the file can't be read: no such file")
            #expect(first("") == "\(folder.path):1:1: error: the path is a folder, not a file")
            try folder.write("big.yaml", String(repeating: "#", count: (4 << 20) + 1))
            #expect(first("/big.yaml") == "\(folder.path)/big.yaml:1:1: error: the file has more than 4194304 bytes")
        }
        #expect(
            ConfigurationLoader.load(path: "/dev/zero").diagnostics.map(\.description) == [
                "/dev/zero:1:1: error: the file has more than 4194304 bytes"
            ])
    }
}
