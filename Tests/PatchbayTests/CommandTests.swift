import Testing

/// The command line, as its user sees it.
@Suite("Commands")
struct CommandTests {
    @Test("check shows all errors at once, each with its file, line and column")
    func check() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            server: {port: eighty}
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: a, provider: scriptd}
            storag: {plugin: scripted}
            """, to: "config.yaml")
        let run = try Product.run(Product.binary, ["check", "--config", file])
        #expect(run.status == 1)
        #expect(run.errors.contains("\(file):1:16: "))
        #expect(run.errors.contains("\(file):5:"))
        #expect(run.errors.contains("scriptd"))
        #expect(run.errors.contains("did you mean 'scripted'"))
        #expect(run.errors.contains("\(file):6:1: "))
        #expect(run.errors.contains("did you mean 'storage'"))
        #expect(run.errors.contains("\(file): 3 errors."))
    }

    @Test("one key under two owners is an error, also where one entry has its digest alone")
    func sharedKey() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: a, provider: scripted}
            keys:
              - {name: one, key: 0123456789abcdef}
              - name: two
                key_sha256: 9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f
            """, to: "config.yaml")
        let run = try Product.run(Product.binary, ["check", "--config", file])
        #expect(run.status == 1)
        #expect(
            run.errors.contains("\(file):7:11: error: keys[1] has the same key as 'one'; a key must have one owner"))
    }

    @Test("check says that a file is right, and ends with 0")
    func right() throws {
        let folder = try Folder()
        let file = try folder.write(
            Setup(store: .sqlite).yaml.replacing("$FOLDER", with: folder.path), to: "config.yaml")
        let run = try Product.run(Product.binary, ["check", "--config", file])
        #expect(run.status == 0)
        #expect(run.output.contains("all right. 2 plugins, 1 models, 0 keys."))
    }

    @Test("a variable of the environment that isn't set is an error at its line, and a key's text is in no output")
    func environment() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: "*", provider: scripted}
            keys:
              - name: a
                key: ${PATCHBAY_TEST_KEY}
            """, to: "config.yaml")
        let unset = try Product.run(Product.binary, ["check", "--config", file])
        #expect(unset.status == 1)
        #expect(unset.errors.contains("\(file):7:"))
        #expect(unset.errors.contains("PATCHBAY_TEST_KEY"))
        let set = try Product.run(
            Product.binary, ["check", "--config", file], environment: ["PATCHBAY_TEST_KEY": "very-secret"])
        #expect(set.status == 0)
        #expect(!(set.output + set.errors).contains("very-secret"))
    }

    @Test("plugins shows what is loaded, from where, with version and interfaces")
    func plugins() throws {
        let folder = try Folder()
        let file = try folder.write(
            Setup(store: .memory).yaml, to: "config.yaml")
        let run = try Product.run(Product.binary, ["plugins", "--config", file])
        #expect(run.status == 0)
        #expect(run.output.contains(Product.folder + "/libpatchbay_scripted.so"))
        #expect(run.output.contains("patchbay.provider/1"))
        #expect(run.output.contains("patchbay.storage/1"))
        #expect(run.output.contains("ABI 1.0"))
    }

    @Test("a server without keys listens on loopback alone")
    func insecure() throws {
        let folder = try Folder()
        let file = try folder.write(Setup(store: nil).yaml, to: "config.yaml")
        let run = try Product.run(Product.binary, ["serve", "--config", file, "--host", "0.0.0.0", "--port", "0"])
        #expect(run.status == 1)
        #expect(run.errors.contains("--insecure"))
    }

    @Test("a port that is taken is an error that names it")
    func portTaken() throws {
        let server = try ServerProcess(Setup(store: nil))
        let folder = try Folder()
        let file = try folder.write(Setup(store: nil).yaml, to: "config.yaml")
        let run = try Product.run(Product.binary, ["serve", "--config", file, "--port", "\(server.port)"])
        #expect(run.status == 1)
        #expect(run.errors.contains("\(server.port)"))
    }

    @Test("help names every subcommand")
    func help() throws {
        let run = try Product.run(Product.binary, ["--help"])
        #expect(run.status == 0)
        for name in ["serve", "check", "plugins"] { #expect(run.output.contains(name)) }
    }
}
