import Testing

@testable import PatchbayConfig

@Suite struct JSONTests {
    @Test(
        "a plugin's config becomes JSON by the core schema",
        arguments: [
            ("~", "null"), ("null", "null"), ("", "null"), ("True", "true"), ("false", "false"), ("yes", "\"yes\""),
            ("1", "1"), ("-0", "-0"), ("+12", "12"), ("007", "7"), ("0x1F", "31"), ("0o17", "15"), ("1.5", "1.5"),
            (".5", "0.5"), ("5.", "5.0"), ("1e3", "1e3"), ("1.E+03", "1.0e03"), ("-.5e-2", "-0.5e-2"),
            ("123456789012345678901234567890", "123456789012345678901234567890"), ("1_000", "\"1_000\""),
            ("0b1", "\"0b1\""), ("0x", "\"0x\""), ("1e", "\"1e\""), (".", "\".\""), ("+", "\"+\""),
            ("12e3x", "\"12e3x\""),
            ("'1'", "\"1\""), ("!!str 1", "\"1\""), ("! 1", "\"1\""), ("!!int '1'", "1"),
            ("2001-01-01", "\"2001-01-01\""),
            (#""a\"b\\c\n\x01ü""#, #""a\"b\\c\n\u0001ü""#), ("[1, [a], {b: c}]", #"[1,["a"],{"b":"c"}]"#),
            ("{z: 1, a: 2}", #"{"z":1,"a":2}"#), ("{}", "{}"), ("[]", "[]"),
            ("{1: x, 'true': y}", #"{"1":"x","true":"y"}"#),
        ])
    func conversion(_ yaml: String, _ json: String) throws {
        let outcome = load("plugins:\n  - name: a\n    library: l\n    config:\n      x: \(yaml)\n")
        let configuration = try #require(outcome.configuration, "\(outcome.lines)")
        #expect(text(configuration.plugins[0].config) == "{\"x\":\(json)}")
    }

    @Test(
        "numbers that JSON can't hold are refused by path",
        arguments: [".inf", "-.Inf", ".nan", "1e999", "0xFFFFFFFFFFFFFFFFF"])
    func numbers(_ number: String) {
        #expect(
            load("plugins: [{name: a, library: l, config: {x: [0, \(number)]}}]").errors == [
                "1:49: plugins[0].config.x[1] is a number that JSON can't hold, found \(number)"
            ])
    }

    @Test("a path into a plugin's config finds its line and column")
    func marks() throws {
        let yaml = """
            plugins:
              - name: a
                library: l
                config:
                  base_url: http://x
                  headers:
                    x-foo: 1
                    a.b: 2
                  list: [1, 2,
                    {deep: 3}]
                  secret: ${S}
            """
        let plugin = try #require(load(yaml, ["S": "s"]).configuration).plugins[0]
        func place(_ path: String) -> String { plugin.mark(ofConfig: path).place }
        #expect(place("") == "5:7")
        #expect(place("base_url") == "5:17")
        #expect(plugin.keyMark(ofConfig: "base_url").place == "5:7")
        #expect(place("headers.x-foo") == "7:16")
        #expect(place("headers.a.b") == "8:14")
        #expect(place("list[1]") == "9:17")
        #expect(place("list[2].deep") == "10:16")
        #expect(plugin.keyMark(ofConfig: "list[2].deep").place == "10:10")
        #expect(place("list[9]") == "9:13")
        #expect(place("absent") == "5:7")
        #expect(place("headers.absent.more") == "7:9")
        #expect(place("list[") == "9:13")
        #expect(plugin.isFromEnvironment(config: "secret"))
        #expect(!plugin.isFromEnvironment(config: "base_url"))
        #expect(plugin.marks.mark(at: "library").place == "3:14")
        let bare = try #require(load("plugins: [{name: a, library: l}]").configuration).plugins[0]
        #expect(bare.mark(ofConfig: "base_url").place == "1:11")
        #expect(text(bare.config) == "{}")
    }
}

extension SourceMark {
    var place: String { "\(line):\(column)" }
}
