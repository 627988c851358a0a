import Foundation
import Testing

/// C functions as the documentation binds them: its YAML is run as it stands there.
@Suite("C functions")
struct ForeignFunctionTests {
    private static let page = Result {
        try String(contentsOfFile: Product.root + "/Documentation/plugins/tools.md", encoding: .utf8)
    }

    /// The YAML block of the page that begins so.
    private static func block(_ start: String) throws -> String {
        let blocks = try page.get().components(separatedBy: "```yaml\n").dropFirst()
        let found = blocks.compactMap { $0.components(separatedBy: "```").first }.first { $0.hasPrefix(start) }
        return try #require(found)
    }

    /// The rows of the page's table: tool, arguments, output.
    private static func rows() throws -> [[String]] {
        try page.get().split(separator: "\n").compactMap { line in
            let cells = line.components(separatedBy: " | ").map { $0.trimmingCharacters(in: ["|", " ", "`"]) }
            return cells.count == 3 && line.hasPrefix("| `") && cells[1].hasPrefix("{") ? cells : nil
        }
    }

    @Test("each tool of the page gives what the page says, streamed or not", arguments: [false, true])
    func tools(streamed: Bool) throws {
        let rows = try Self.rows()
        #expect(rows.count >= 12)
        let models = rows.map { "  - {name: \($0[0]), provider: scripted, upstream_model: tool, tools: [\($0[0])]}" }
        let server = try ServerProcess(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
            \(models.joined(separator: "\n"))
            \(try Self.block("tools:\n  - name: crc32"))
            """)
        for row in rows {
            let answer = try server.respond(row[0], .string(row[1]), streamed: streamed)
            let items = answer.json["output"]?.elements ?? []
            #expect(items.map { $0["type"]?.string } == ["function_call", "function_call_output", "message"], "\(row)")
            #expect(items.dropFirst().first?["output"]?.string == row[2], "\(row)")
            #expect(answer.text == row[2])
        }
        // What doesn't fit is told to the model, and the answer goes on.
        let refused = try server.respond("divide", #"{"numerator":1.5,"denominator":1}"#, streamed: streamed)
        #expect(refused.json["status"] == "completed" && refused.text.contains("numerator"))
        let broken = try server.respond("uncompress", #"{"packed":"AAAA"}"#, streamed: streamed)
        #expect(broken.json["status"] == "completed")
        #expect(broken.text.contains("uncompress failed with the status -3: data error"))
    }

    @Test("the hooks of the page fold what the model is given, and reject a key")
    func hooks() throws {
        let server = try ServerProcess(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: echo, provider: scripted}
            \(try Self.block("hooks:\n  - name: fold"))
            """)
        #expect(try server.respond("echo", "Große STRASSE").text == "grosse strasse")
        let rejected = try server.respond("echo", "-----BEGIN RSA PRIVATE KEY----- x")
        #expect(rejected.status == 400)
        #expect(rejected.error["message"]?.string == "The text holds a private key.")
        #expect(rejected.error["code"]?.string == "request_rejected")
    }

    @Test("a symbol that is never bound is told by check already, at its line, without its library")
    func forbidden() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: echo, provider: scripted}
            tools:
              - name: one
                ffi:
                  {library: libnosuchthing.so.1, symbol: system, trust: in_process, returns: {type: int, ok: 0, error_text: _exit}}
            """, to: "config.yaml")
        let run = try Product.run(Product.binary, ["check", "--config", file])
        #expect(run.status == 1)
        #expect(
            run.errors.contains("\(file):8:46: error: tools[0].ffi.symbol can't be 'system', which starts a process"))
        #expect(run.errors.contains("tools[0].ffi.returns.error_text can't be '_exit', which ends or stops the server"))
    }

    @Test("a library and a symbol that aren't there are complained of at their lines, all at once")
    func complaints() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            plugins:
              - {name: scripted, library: libpatchbay_scripted.so}
            models:
              - {name: echo, provider: scripted}
            tools:
              - name: one
                ffi: {library: libnosuchthing.so.1, symbol: f, trust: in_process, returns: int}
              - name: two
                ffi: {library: libz.so.1, symbol: crc23, trust: in_process, returns: int}
            """, to: "config.yaml")
        let run = try Product.run(Product.binary, ["serve", "--config", file, "--port", "0"])
        #expect(run.status == 1)
        #expect(run.errors.contains("\(file):7:20: error: tools[0].ffi.library can't be loaded: "))
        #expect(run.errors.contains("\(file):9:39: error: tools[1].ffi.symbol 'crc23' isn't in libz.so.1"))
    }
}
