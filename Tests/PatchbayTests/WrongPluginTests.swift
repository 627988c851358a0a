import Testing

/// Plugins that are wrong: the program ends with 1, and its words name the file, the line and what to do.
@Suite("Wrong plugins")
struct WrongPluginTests {
    static let commands = ["plugins", "serve"]

    private func complaint(_ command: String, defining macro: String) throws -> (
        errors: String, library: String, file: String
    ) {
        let folder = try Folder()
        let library = try Product.compile("wrong_plugin", into: folder, defining: [macro])
        let (errors, file) = try run(command, library: library, in: folder)
        return (errors, library, file)
    }

    private func run(_ command: String, library: String, in folder: Folder) throws -> (errors: String, file: String) {
        let file = try folder.write(
            """
            plugins:
              - name: wrong
                library: \(library)
                config:
                  headers:
                    x-team: two words
            models:
              - {name: "*", provider: wrong}
            """, to: "config.yaml")
        let run = try Product.run(
            Product.binary, [command, "--config", file] + (command == "serve" ? ["--port", "0"] : []))
        #expect(run.status == 1)
        return (run.errors, file)
    }

    @Test("without the entry, the symbol that is missing is named", arguments: commands)
    func missingSymbol(command: String) throws {
        let (errors, library, file) = try complaint(command, defining: "NO_ENTRY")
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains(library))
        #expect(errors.contains("patchbay_plugin_entry_v1"))
    }

    @Test("another major of the ABI: both are named", arguments: commands)
    func wrongMajor(command: String) throws {
        let (errors, _, file) = try complaint(command, defining: "NEXT_MAJOR")
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains("it speaks major version 2 of the plugin ABI, this host speaks 1"))
    }

    @Test("a newer minor than the host's: both are named", arguments: commands)
    func newerMinor(command: String) throws {
        let (errors, _, file) = try complaint(command, defining: "NEWER_MINOR")
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains("it needs version 1.10 of the plugin ABI, this host has 1.3"))
    }

    @Test("a setting that the plugin refuses is told at its line", arguments: commands)
    func refuses(command: String) throws {
        let (errors, _, file) = try complaint(command, defining: "REFUSES")
        #expect(errors.contains("\(file):6:"))
        #expect(errors.contains("headers.x-team"))
        #expect(errors.contains("must be one word"))
    }

    @Test("a plugin that can't start ends the server with its reason")
    func failsToStart() throws {
        let (errors, _, file) = try complaint("serve", defining: "FAILS_TO_START")
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains("the model file is damaged"))
    }

    @Test("an entry that fails gives its reason", arguments: commands)
    func entryFails(command: String) throws {
        let (errors, _, file) = try complaint(command, defining: "ENTRY_FAILS")
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains("this machine has no such processor"))
    }

    @Test("a model's provider that is no provider is told at the model")
    func noInterface() throws {
        let (errors, _, file) = try complaint("serve", defining: "NO_INTERFACE")
        #expect(errors.contains("\(file):"))
        #expect(errors.contains("wrong"))
        #expect(errors.contains("provider"))
    }

    @Test("a file that is no library", arguments: commands)
    func junk(command: String) throws {
        let folder = try Folder()
        let library = try folder.write(String(repeating: "junk", count: 1000), to: "libjunk.so")
        let (errors, file) = try run(command, library: library, in: folder)
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains(library))
    }

    @Test("a library that isn't there: where it was looked for", arguments: commands + ["check"])
    func missing(command: String) throws {
        let (errors, file) = try run(command, library: "libnowhere.so", in: try Folder())
        #expect(errors.contains("\(file):3:14: "))
        #expect(errors.contains("libnowhere.so"))
        #expect(errors.contains(Product.folder))
    }
}
