import Testing

@testable import PatchbayConfig

@Suite struct EnvironmentTests {
    private func config(_ value: String, _ environment: [String: String] = [:]) -> String {
        let outcome = load("plugins:\n  - name: a\n    library: l\n    config:\n      x: \(value)\n", environment)
        guard let configuration = outcome.configuration else { return outcome.errors.joined(separator: "\n") }
        return text(configuration.plugins[0].config)
    }

    @Test(
        "what ${} becomes in a plugin's config",
        arguments: [
            ("${A}", #"{"x":"5"}"#), ("'${A}'", #"{"x":"5"}"#), ("\"p-${A}-${B}\"", #"{"x":"p-5-b: [c"}"#),
            ("${NONE:-7}", #"{"x":"7"}"#), ("${EMPTY:-d}", #"{"x":"d"}"#), ("${EMPTY}", #"{"x":""}"#),
            ("${A:-d}", #"{"x":"5"}"#), ("${NONE:-}", #"{"x":""}"#), ("$$", #"{"x":"$"}"#),
            ("$${A}", #"{"x":"${A}"}"#), ("$A", #"{"x":"$A"}"#), ("a$", #"{"x":"a$"}"#),
            ("true", #"{"x":true}"#), ("${T}", #"{"x":"true"}"#), ("${A:-a:-b}", #"{"x":"5"}"#),
            ("${NONE:-a:-b}", #"{"x":"a:-b"}"#),
        ])
    func expansion(_ value: String, _ json: String) {
        #expect(config("\(value)", ["A": "5", "B": "b: [c", "EMPTY": "", "T": "true"]) == json)
    }

    @Test(
        "what is wrong with a ${} is told at its place",
        arguments: [
            ("${NONE}", "the environment variable NONE is not set; set it, or write a default: ${NONE:-default}"),
            ("'${A'", "'${' without a closing '}'; write '$$' for a plain dollar sign"),
            ("${}", "'${}' is not '${NAME}' or '${NAME:-default}'; write '$$' for a plain dollar sign"),
            ("${1A}", "'${1A}' is not '${NAME}' or '${NAME:-default}'; write '$$' for a plain dollar sign"),
            ("${A-b}", "'${A-b}' is not '${NAME}' or '${NAME:-default}'; write '$$' for a plain dollar sign"),
            ("'${A:-${B}}'", "the default of '${A:-...}' may not hold another '${'"),
        ])
    func refused(_ value: String, _ message: String) {
        #expect(config(value) == "5:10: " + message)
    }

    @Test("a value from the environment is never shown, a default is")
    func secrecy() {
        let yaml = """
            server: {port: '${S}', sse_done: '${S}', on_disconnect: '${S}', limits: {body: '${N:-huge}'}}
            plugins: [{name: '${S}', library: l}, {name: '${S}', library: l}]
            models: [{name: m, provider: 'x${S}'}, {name: '${STAR}', provider: '${S}'}]
            keys: [{name: '${S}', key: '${SPACED}'}]
            """
        let outcome = load(yaml, ["S": "hunter2", "STAR": "hunter*2*", "SPACED": "hunter 2"])
        #expect(
            outcome.errors == [
                "1:16: server.port must be an integer from 0 to 65535, found a value from the environment",
                "1:34: server.sse_done must be true or false, found a value from the environment",
                "1:57: server.on_disconnect must be cancel or finish, found a value from the environment",
                "1:80: server.limits.body must be a size such as 32MiB, 10MB or 1024 (bytes), from 1KiB to 1GiB, found 'huge'",
                "2:46: duplicate plugin name (from the environment); it stands at line 2 already",
                "3:30: models[0].provider (from the environment) is not declared under plugins",
                "3:47: models[1].name may hold one '*', found 2 in a value from the environment",
                "4:28: keys[0].key must be printable ASCII without spaces",
            ])
        #expect(!outcome.lines.joined().contains("hunter"))
    }

    @Test("where the schema is ours, a variable may hold a number, a boolean, a size, a duration")
    func typed() throws {
        let yaml = """
            server: {port: '${P}', sse_done: "${B}", shutdown: {drain: '${D}'}, limits: {body: '${S:-1MiB}'}}

            """
        let outcome = load(yaml, ["P": "81", "B": "true", "D": "5s"])
        let server = try #require(outcome.configuration, "\(outcome.lines)").server
        #expect(server.port == 81)
        #expect(server.sseDone)
        #expect(server.shutdown.drain == .seconds(5))
        #expect(server.limits.body == 1 << 20)
    }

    @Test("variables are replaced after parsing, and not in keys")
    func injection() {
        #expect(config("${A}", ["A": "1}, y: {z: \"2\n"]) == #"{"x":"1}, y: {z: \"2\n"}"#)
        #expect(load("'${A}': 1\n", ["A": "server"]).errors.first == "1:1: '${...}' is replaced in values, not in keys")
    }

    @Test("what variables add to a file is bounded")
    func bounded() {
        let big = String(repeating: "x", count: 1 << 19)
        let value = "'${A}${A}${A}'"
        #expect(config(value, ["A": big]) == "5:10: a value may have 1048576 bytes once its '${...}' are replaced")
        let list = "[" + Array(repeating: "'${A}'", count: 40).joined(separator: ",") + "]"
        #expect(config(list, ["A": big]) == "5:235: all values with '${...}' together have more than 16777216 bytes")
    }

    @Test("the process's own environment is read")
    func process() {
        #expect(ConfigurationEnvironment.process.value("PATH") != nil)
        #expect(ConfigurationEnvironment.process.value("PATCHBAY_SURELY_UNSET") == nil)
    }
}
