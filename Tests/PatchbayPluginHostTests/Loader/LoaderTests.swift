import Crypto
import Foundation
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

@Suite struct LoaderTests {
    private func failure(_ description: PluginDescription, searchPath: [String] = []) async -> PluginError? {
        let bench = Bench(PluginHostSettings(searchPath: searchPath))
        do throws(PluginErrors) {
            try await bench.host.load([description])
            return nil
        } catch {
            return error.errors.first
        }
    }

    private func failure(of fixture: Fixture) async -> PluginError? {
        await failure(PluginDescription(name: "p", library: fixture.path))
    }

    @Test func `a library that isn't there says where it was looked for`() async throws {
        let relative = await failure(PluginDescription(name: "p", library: "libx.so"), searchPath: ["/a", "/b/"])
        #expect(relative?.kind == .notFound)
        #expect("\(try #require(relative))" == "plugin 'p' (libx.so): not found in plugin_path ('/a', '/b/')")
        let absolute = await failure(PluginDescription(name: "p", library: "/nowhere/libx.so"))
        #expect("\(try #require(absolute))" == "plugin 'p' (/nowhere/libx.so): there is no such file")
        let nowhere = await failure(PluginDescription(name: "p", library: "libx.so"))
        #expect(nowhere?.message == "not found: plugin_path is empty, so the library must be an absolute path")
    }

    @Test func `a relative library is found in the first folder that has it`() async throws {
        let fixture = try Fixture("provider")
        let url = URL(filePath: fixture.path)
        let bench = Bench(
            PluginHostSettings(searchPath: ["/nowhere", url.deletingLastPathComponent().path]))
        try await bench.host.load([PluginDescription(name: "p", library: url.lastPathComponent)])
        #expect(bench.host.plugins.first?.path == fixture.path)
        await bench.host.stop()
    }

    @Test func `what is no library is refused with the reason`() async throws {
        let text = await failure(PluginDescription(name: "p", library: "/etc/passwd"))
        #expect(text?.kind == .notLoadable)
        #expect(text?.message == "/etc/passwd is not a shared library (no ELF file)")
        let folder = await failure(PluginDescription(name: "p", library: "/tmp"))
        #expect(folder?.message == "/tmp is not a file")
    }

    @Test func `a library without the entry point is refused before any of its code runs`() async throws {
        let witness = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let fixture = try Fixture("loader", ["NO_ENTRY", "CONSTRUCTOR=\"\(witness)\""])
        let error = await failure(of: fixture)
        #expect(error?.kind == .notAPlugin)
        #expect(error?.message == "it is no Patchbay plugin: it doesn't export the symbol patchbay_plugin_entry_v1")
        #expect(!FileManager.default.fileExists(atPath: witness))
    }

    @Test func `another major is refused with both majors, before any of its code runs`() async throws {
        let witness = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let fixture = try Fixture("loader", ["ENTRY_V2", "CONSTRUCTOR=\"\(witness)\""])
        let error = await failure(of: fixture)
        #expect(error?.kind == .wrongMajor)
        #expect(error?.message == "it speaks major version 2 of the plugin ABI, this host speaks 1")
        #expect(!FileManager.default.fileExists(atPath: witness))
    }

    @Test(arguments: [
        (
            "NEWER_MINOR", PluginError.Kind.newerMinor,
            "it needs version 1.7 of the plugin ABI, this host has 1.3: use a newer host"
        ),
        ("ENTRY_FAILS", .entryFailed, "its entry point failed: no licence found"),
        ("NO_MODULE", .malformed, "it breaks the rules of the plugin ABI: its entry point handed out no module"),
        (
            "SMALL_MODULE", .malformed,
            "it breaks the rules of the plugin ABI: pbay_module has the size 12, at least 56 is needed"
        ),
        ("NO_ID", .malformed, "it breaks the rules of the plugin ABI: pbay_module.id is null"),
        (
            "BAD_NAME", .malformed,
            "it breaks the rules of the plugin ABI: pbay_module.id isn't UTF-8 of at most 256 bytes"
        ),
        ("NULL_CREATE", .malformed, "it breaks the rules of the plugin ABI: pbay_module.create is null"),
        ("NO_INSTANCE", .malformed, "it breaks the rules of the plugin ABI: create handed out no instance"),
        (
            "SMALL_INSTANCE", .malformed,
            "it breaks the rules of the plugin ABI: pbay_instance has the size 8, at least 64 is needed"
        ),
        (
            "NULL_START", .malformed,
            "it breaks the rules of the plugin ABI: get_extension, start, stop or destroy of pbay_instance is null"
        ),
        (
            "SMALL_PROVIDER", .malformed,
            "it breaks the rules of the plugin ABI: pbay_provider has the size 16, at least 48 is needed"
        ),
        (
            "NULL_RESUME", .malformed,
            "it breaks the rules of the plugin ABI: begin, resume, cancel or release of pbay_provider is null"
        ),
    ])
    func `a table that breaks the rules is refused`(define: String, kind: PluginError.Kind, message: String)
        async throws
    {
        let error = await failure(of: try Fixture("loader", [define]))
        #expect(error?.kind == kind)
        #expect(error?.message == message)
    }

    @Test func `an instance whose provider is malformed is destroyed`() async throws {
        let fixture = try Fixture("loader", ["NULL_RESUME"])
        _ = await failure(of: fixture)
        #expect(fixture.count("destroys") == 1)
    }

    @Test func `create's refusal carries the path in the configuration`() async throws {
        let fixture = try Fixture("provider")
        let error = await failure(
            PluginDescription(name: "p", library: fixture.path, config: Array(#"{"colour":1}"#.utf8)))
        #expect(error?.kind == .createRefused)
        #expect(error?.param == "colour")
        #expect("\(try #require(error))" == "plugin 'p' (\(fixture.path), config.colour): unknown key")
        #expect(fixture.count("destroys") == 0)
    }

    @Test func `a plugin that doesn't start is destroyed and not stopped`() async throws {
        let fixture = try Fixture("provider", ["START_CODE=-15"])
        let error = await failure(of: fixture)
        #expect(error?.kind == .startFailed)
        #expect(error?.message == "it couldn't start: the fixture doesn't start")
        #expect(fixture.count("stops") == 0)
        #expect(fixture.count("destroys") == 1)
    }

    @Test func `all that is wrong is told at once, and nothing is left running`() async throws {
        let good = try Fixture("provider")
        let bench = Bench()
        await #expect {
            try await bench.host.load([
                PluginDescription(name: "a", library: "/nowhere/a.so"),
                PluginDescription(name: "good", library: good.path),
                PluginDescription(name: "b", library: "/etc/passwd"),
            ])
        } throws: { error in
            (error as? PluginErrors)?.errors.map(\.plugin) == ["a", "b"]
        }
        #expect(bench.host.plugins.isEmpty)
        #expect(good.count("starts") == 0)
        #expect(good.count("destroys") == 1)
    }

    @Test func `a plugin used for what it isn't says what it is`() async throws {
        let fixture = try Fixture("loader", ["NOT_A_PROVIDER"])
        let bench = try await Bench.with(fixture)
        #expect {
            _ = try bench.host.provider(named: "p")
        } throws: { error in
            (error as? PluginError)?.message == "it is used as a provider, but it isn't one: it offers example.other/1"
        }
        #expect {
            _ = try bench.host.store(named: "p")
        } throws: { error in
            (error as? PluginError)?.kind == .missingInterface
        }
        #expect {
            _ = try bench.host.store(named: "q")
        } throws: { error in
            "\(error)" == "plugin 'q' (): there is no plugin of this name"
        }
        await bench.host.stop()
    }

    @Test func `a pinned library runs from the bytes that were checked`() async throws {
        let fixture = try Fixture("provider")
        let bytes = try Data(contentsOf: URL(filePath: fixture.path))
        let digest = SHA256.hash(data: bytes).map { String(format: "%02X", $0) }.joined()
        let bench = Bench()
        try await bench.host.load([
            PluginDescription(name: "p", library: fixture.path, sha256: digest),
            PluginDescription(name: "q", library: fixture.path, sha256: digest.lowercased()),
        ])
        #expect(bench.host.plugins.map(\.path) == [fixture.path, fixture.path])
        let outcome = try await bench.run("s text=verified finish")
        #expect(outcome.text == "verified")
        #expect(fixture.count("starts") == 0, "the image is not the one of the file")
        await bench.host.stop()
    }

    @Test func `a library with other bytes than the pinned ones is not loaded`() async throws {
        let witness = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let fixture = try Fixture("loader", ["CONSTRUCTOR=\"\(witness)\""])
        let pinned = String(repeating: "ab", count: 32)
        let error = await failure(PluginDescription(name: "p", library: fixture.path, sha256: pinned))
        #expect(error?.kind == .wrongDigest)
        #expect(error?.message.hasSuffix("but the configuration pins \(pinned)") == true)
        #expect(!FileManager.default.fileExists(atPath: witness))
        let nonsense = await failure(PluginDescription(name: "p", library: fixture.path, sha256: "12"))
        #expect(nonsense?.message == "sha256 must be 64 hexadecimal digits")
    }

    @Test func `one image serves many instances and hosts`() async throws {
        let fixture = try Fixture("provider")
        let first = Bench()
        try await first.host.load([
            PluginDescription(name: "p", library: fixture.path), PluginDescription(name: "q", library: fixture.path),
        ])
        let second = try await Bench.with(fixture)
        #expect(fixture.count("starts") == 3)
        #expect(try await first.run("s text=a finish").text == "a")
        #expect(try await second.run("s text=b finish").text == "b")
        await first.host.stop()
        #expect(fixture.count("stops") == 2)
        #expect(try await second.run("s text=c finish").text == "c")
        await second.host.stop()
        #expect(fixture.count("destroys") == 3)
    }

    @Test func `what a plugin says of itself is shown`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let info = try #require(bench.host.plugins.first)
        #expect(info.name == "p")
        #expect(info.id == "org.example.fixture")
        #expect(info.version == "1.2.3")
        #expect(info.licence == "Apache-2.0")
        #expect(info.interfaces == ["patchbay.provider/1"])
        #expect(info.abiMinor == 0)
        #expect(info.health == .degraded)
        #expect(info.healthMessage == "half well")
        await bench.host.stop()
    }
}
