import CPatchbay
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

@Suite struct HookVerdictTests {
    /// How a verdict comes: inside of `visit`; from a thread, before `visit` has returned; from a thread, any time;
    /// from a thread, after `visit` has returned.
    static let ways = ["%", "thread % join", "thread %", "late %"]

    private func verdict(_ words: String, _ way: String, _ defines: [String] = []) async throws -> (String, [Int]) {
        let bench = try await HookBench(defines)
        let session = try await bench.open(way.replacing("%", with: words))
        if way.hasPrefix("late") { bench.fixture.go() }
        let visit = try await session.visit(HookVisit(.events, events: [.text("a")]))
        let verdict = try await visit.verdict
        await bench.fixture.reaches("answers", words.split(separator: " ").count)
        try await session.close()
        #expect(visit.verdicts == 1)
        let answers = bench.fixture.answers
        await bench.end()
        return (verdict, answers)
    }

    @Test(arguments: ways)
    func `the verdict continue`(_ way: String) async throws {
        #expect(try await verdict("proceed", way) == ("proceed", [0]))
    }

    @Test(arguments: ways)
    func `the verdict replace, with a document`(_ way: String) async throws {
        #expect(try await verdict(#"replace={"a":1}"#, way) == (#"replace {"a":1}"#, [0]))
    }

    @Test(arguments: ways)
    func `the verdict replace, with events in their order`(_ way: String) async throws {
        let (verdict, answers) = try await verdict("emit=one emit=two events", way)
        #expect(verdict == #"events ["text(\"one\")", "text(\"two\")"]"#)
        #expect(answers == [0, 0, 0])
    }

    @Test(arguments: ways)
    func `the verdict answer, with its events, usage and provider`(_ way: String) async throws {
        let (verdict, answers) = try await verdict("emit=one answer=2", way)
        #expect(verdict == #"answer length ["text(\"one\")"] 3 other"#)
        #expect(answers == [0, 0])
    }

    @Test(arguments: ways)
    func `the verdict reject`(_ way: String) async throws {
        let (verdict, answers) = try await verdict("reject=-2", way)
        #expect(
            verdict == "reject invalidRequest - the hook says no [input[0]] 0 the hook p: the fixture's detail")
        #expect(answers == [0])
    }

    @Test(arguments: ways)
    func `the hook's own failure`(_ way: String) async throws {
        #expect(
            try await verdict("fail=-11", way) == (
                "failed it failed with the code -11: the hook says no: the fixture's detail", [0]
            ))
    }

    @Test(arguments: ways)
    func `the same of calls that may block, from a thread of the host's`(_ way: String) async throws {
        let (verdict, answers) = try await verdict("emit=one doc events", way, ["FLAGS=1"])
        #expect(verdict == #"events ["text(\"one\")"]"#)
        #expect(answers == [0, PBAY_EUNSUPPORTED, 0])
    }

    @Test func `what visit returns is a verdict by itself`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("ok") == "proceed")
        #expect(try await bench.run("code=-7") == "failed visit failed with the code -7: visit can't")
        #expect(try await bench.run("code=-99") == "failed visit failed with the code -99: visit can't")
        #expect(try await bench.run("code=1") == "failed visit answered 1, which means nothing")
        #expect(try await bench.run("code=3") == "failed visit answered 3, which means nothing")
        // A failure goes before what was said on the way.
        #expect(try await bench.run("replace={} code=-7") == "failed visit failed with the code -7: visit can't")
        await bench.end()
    }

    @Test func `a verdict inside of visit counts whether it then defers or not`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("replace={} defer") == "replace {}")
        #expect(try await bench.run("replace={} ok") == "replace {}")
        await bench.end()
    }

    @Test func `events without a verdict are dropped`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("emit=one|emit=two events")
        #expect(try await session.visit().verdict == "proceed")
        #expect(try await session.visit().verdict == #"events ["text(\"two\")"]"#)
        try await session.close()
        await bench.end()
    }

    @Test func `each code of a rejection is an error of its kind`() async throws {
        let bench = try await HookBench()
        let kinds: [(Int, String)] = [
            (PBAY_EINVALID, "invalidRequest -"), (PBAY_EAUTH, "invalidRequest -"),
            (PBAY_EUNSUPPORTED, "invalidRequest unsupported"),
            (PBAY_ECONTEXT_LENGTH, "invalidRequest context_length_exceeded"), (PBAY_ENOTFOUND, "notFound -"),
            (PBAY_ECONFLICT, "conflict -"), (PBAY_ELIMIT, "tooLarge -"), (PBAY_ERATELIMIT, "rateLimited -"),
            (PBAY_EOVERLOADED, "overloaded -"), (PBAY_ETIMEOUT, "timeout -"), (PBAY_ECANCELLED, "cancelled -"),
            (PBAY_CLOSED, "cancelled -"), (PBAY_EUPSTREAM, "provider -"), (PBAY_EDATALOSS, "internal -"),
            (PBAY_EIO, "internal -"), (PBAY_EINTERNAL, "internal -"), (-77, "internal -"), (0, "internal -"),
            (5, "internal -"),
        ]
        for (code, kind) in kinds {
            let wait = code == PBAY_ERATELIMIT ? 2 : 0
            #expect(
                try await bench.run("reject=\(code)")
                    == "reject \(kind) the hook says no [input[0]] \(wait) the hook p: the fixture's detail")
        }
        await bench.end()
    }

    @Test func `a rejection without a word says something all the same`() async throws {
        let bench = try await HookBench()
        #expect(
            try await bench.run("bare=-2")
                == "reject invalidRequest - The request was rejected. [-] 0 rejected by the hook p")
        #expect(try await bench.run("bare=-7").contains("rateLimited - Too many requests; try again later. [-]"))
        #expect(try await bench.run("nullreject").contains("internal - The server failed inside. [-]"))
        #expect(try await bench.run("nullfail") == "failed it failed with the code -16")
        await bench.end()
    }

    @Test func `what is no verdict leaves the visit open`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("replace={ replace= nullanswer proceed") == "proceed")
        #expect(bench.fixture.answers == [PBAY_EINVALID, PBAY_EINVALID, PBAY_EINVALID, 0])
        await bench.end()
    }

    @Test func `an answer that can't be one is a failure`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("answer=9") == "failed it answered with an unknown reason to finish")
        #expect(try await bench.run("badprovider") == "failed it answered with a malformed name of a provider")
        #expect(try await bench.run("args=1 answer=1") == "failed its answer has an unknown tool call index")
        #expect(
            try await bench.run("tool=1 args=1 answer=1")
                == #"answer stop ["toolCall(index: 1, id: \"\", name: \"f\")", "arguments(index: 1, \"{}\")"] 3 other"#)
        await bench.end()
    }

    @Test func `an answer of an older, shorter struct lacks what it lacks`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("short") == "answer length [] -1 -")
        await bench.end()
    }
}
