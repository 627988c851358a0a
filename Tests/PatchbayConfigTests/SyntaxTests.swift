import Testing

@testable import PatchbayConfig

@Suite struct SyntaxTests {
    @Test(
        "a file that is not one YAML document is refused at its place",
        arguments: [
            Case("", "1:1: the file holds no settings"),
            Case("# only a comment\n", "1:1: the file holds no settings"),
            Case("- a\n", "1:1: the file must be a mapping, found a list"),
            Case("text\n", "1:1: the file must be a mapping, found 'text'"),
            Case(
                "server: {}\n---\nserver: {}\n", "2:1: a second document begins here; a configuration is one document"),
            Case(
                "server:\n\tport: 1\n",
                "2:1: syntax error: found character that cannot start any token while scanning for the next token "
                    + "that begins at line 2; indent with spaces, not with tabs"),
            Case(
                "server: {port: 1\n",
                "2:1: syntax error: did not find expected ',' or '}' while parsing a flow mapping that begins at line 1"
            ),
            Case(
                "server:\n  host: \"a\n",
                "3:1: syntax error: found unexpected end of stream while scanning a quoted scalar that begins at line 2"
            ),
            Case("server: {a: \u{1}}\n", "1:13: syntax error: control characters are not allowed"),
            Case("server: *nobody\n", "1:9: the alias 'nobody' has no anchor that is complete before it"),
            Case("server: &a {limits: *a}\n", "1:21: the alias 'a' has no anchor that is complete before it"),
            Case("? [a]\n: b\n", "1:3: a key must be text, not a mapping or a list"),
            Case("a: &x {}\n*x : 1\n", "2:1: a key must be text, not a mapping or a list"),
            Case("server: !ours {}\n", "1:9: the tag '!ours' is not allowed here"),
            Case("server:\n  port: !!float x\n", "2:9: the tag '!!float' is not allowed here"),
            Case(
                "server: {: 1}\n",
                "1:10: syntax error: did not find expected node content while parsing a flow node that begins at line 1"
            ),
            Case(
                "server:\n  host: a: b\n",
                "2:10: syntax error: mapping values are not allowed in this context"),
            Case(
                "server: {host: ${A}}\n",
                "1:17: syntax error: did not find expected ',' or '}' while parsing a flow mapping that begins at line 1; "
                    + "inside {...} and [...], write \"${NAME}\" in quotes"),
            Case(
                "server:\n  ? \n  : 1\n", "2:4: a key is missing before ':'",
                "2:4: unknown key '' under server; allowed are "
                    + "host, port, tls, limits, shutdown, sse_done, sse_comment_interval, on_disconnect and websocket"),
        ])
    func refused(_ example: Case) {
        #expect(load(example.yaml).errors == example.errors)
    }

    @Test("a key that stands twice names both lines, at any depth")
    func duplicates() {
        let outcome = load("server:\n  port: 1\n  host: localhost\n  port: 2\nserver: {}\n")
        #expect(
            outcome.errors == [
                "4:3: duplicate key 'port'; it stands at line 2 already",
                "5:1: duplicate key 'server'; it stands at line 1 already",
            ])
    }

    @Test("bytes that are not UTF-8 are refused at their place, UTF-16 too")
    func encoding() {
        #expect(
            load(bytes: Array("server:\n  hé: ".utf8) + [0xFF]).errors == ["2:7: the file is not UTF-8 text: byte 0xFF"]
        )
        #expect(load(bytes: [0xFF, 0xFE, 0x61, 0x00]).errors == ["1:1: the file is not UTF-8 text: byte 0xFF"])
        #expect(load(bytes: [0xEF, 0xBB, 0xBF] + Array(smallest.utf8)).errors == [])
    }

    @Test("columns count characters, not bytes")
    func columns() {
        #expect(
            load("plugin_path: ['äöü', 3]\n").errors == [
                "1:22: plugin_path[1] must be a string, found 3; write it in quotes"
            ])
    }

    @Test("quoted scalars are strings, and yes and no are no booleans")
    func quoted() {
        #expect(
            load("server: {port: \"80\", sse_done: yes}\n").errors == [
                "1:16: server.port must be an integer from 0 to 65535, found '80'",
                "1:32: server.sse_done must be true or false, found 'yes'; write true",
            ])
        #expect(
            load("server: {sse_done: 'false'}\n").errors == [
                "1:20: server.sse_done must be true or false, found 'false'; write it without quotes"
            ])
        #expect(
            load("server: {sse_done: Off}\n").errors == [
                "1:20: server.sse_done must be true or false, found 'Off'; write false"
            ])
    }

    @Test("aliases and merge keys are followed; the mapping's own keys win")
    func aliases() throws {
        let outcome = load(
            """
            plugins:
              - &base {name: a, library: liba.so, config: {x: 1, y: 2}}
              - {<<: *base, name: b}
              - {<<: [{name: c, library: libc.so}, *base]}
            models: [{name: m, provider: c}]
            """)
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(configuration.plugins.map(\.name) == ["a", "b", "c"])
        #expect(configuration.plugins.map(\.library) == ["liba.so", "liba.so", "libc.so"])
        #expect(text(configuration.plugins[1].config) == #"{"x":1,"y":2}"#)
        #expect(
            load("server: {<<: 3}\n").errors == [
                "1:10: '<<' merges a mapping or a list of mappings; quote it to have a key of this name"
            ])
    }

    @Test("an alias bomb is stopped by its count, long before it is built")
    func bomb() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let alias = "*a\(level - 1)"
            yaml += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(load(yaml).errors == ["5:45: more than 100000 keys and values, aliases followed"])
    }

    @Test("nesting is bounded, through aliases too")
    func depth() {
        let deep = "a: " + String(repeating: "[", count: 100_000)
        #expect(load(deep).errors == ["1:67: mappings and lists are nested more than 64 deep"])
        var chain = "a0: &a0 []\n"
        for level in 1...70 { chain += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(load(chain).errors == ["64:12: mappings and lists are nested more than 64 deep"])
        let allowed = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        let yaml = "plugins: [{name: a, library: l, config: {x: \(allowed)}}]\n"
        #expect(load(yaml).errors == [])
    }

    @Test("directives, which libyaml compares with one another, are bounded")
    func directives() {
        let tags = (0..<65).map { "%TAG !a\($0)! tag:example.org,2000:\n" }.joined()
        #expect(load(tags + "---\n" + smallest).errors == ["65:1: more than 64 lines that begin with '%'"])
        #expect(load("%YAML 1.1\n---\n" + smallest).errors == [])
    }

    @Test("a file of more than 4 MiB is refused")
    func size() {
        let padding = smallest + "# " + String(repeating: "x", count: (4 << 20) - smallest.utf8.count - 2)
        #expect(load(padding).errors == [])
        #expect(load(padding + "y").errors == ["1:1: the file has more than 4194304 bytes"])
    }

    @Test("many problems are shown up to a bound")
    func many() {
        let keys = (0..<150).map { "k\($0): 1\n" }.joined()
        let errors = load(keys).errors
        #expect(errors.count == 101)
        #expect(errors.last == "100:1: too many problems; 50 more are not shown")
    }
}
