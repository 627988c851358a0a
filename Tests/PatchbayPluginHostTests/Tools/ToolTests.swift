import CPatchbay
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

/// Tools over the C ABI, from plugins that do as they should and from others.
@Suite struct ToolTests {
    private let mayBlock = ["TOOLS=1", "TOOLS_FLAGS=1"]

    // MARK: What there is

    @Test func `a plugin's tools are known once it has started`() async throws {
        let bench = try await Bench.with(Fixture("provider", ["TOOLS=1"]))
        let tools = try bench.host.tools(named: "p").tools
        #expect(
            tools.map(\.name) == ["run", "bare-1"] && tools.map(\.description) == ["runs a script", "runs a script"])
        #expect(
            tools.map { String(decoding: $0.parameters, as: UTF8.self) } == [
                #"{"type": "object", "properties": {"a": {"type": "string"}}}"#,
                #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#,
            ])
        #expect(bench.host.plugins.first?.interfaces.contains(PBAY_TOOLS) == true)
        await bench.host.stop()
    }

    @Test func `a plugin without tools is none of tools`() async throws {
        let bench = try await Bench.with(Fixture("provider"))
        let error = #expect(throws: PluginError.self) { try bench.host.tools(named: "p") }
        #expect(error?.kind == .missingInterface)
        await bench.host.stop()
    }

    @Test(arguments: [
        (2, "the name of its tool number 2 is none"), (3, "it names the tool 'run' twice"),
        (4, "'parameters.properties.a.type' of its tool 'bare-1' is no type of JSON"),
        (5, "the parameters of its tool 'bare-1' are no JSON"), (6, "it names more than 512 tools"),
        (7, "list of pbay_tools answered"), (8, "the description of its tool 'bare-1'"),
        (9, "the name of its tool number 2 is none"), (10, "a null pointer"), (12, "pbay_tools has the size 16"),
        (13, "list or invoke of pbay_tools is null"),
    ])
    func `a list that can't be used is refused when the plugin starts`(list: Int, words: String) async throws {
        let fixture = try Fixture("provider", ["TOOLS=\(list)"])
        let bench = Bench()
        let errors = await #expect(throws: PluginErrors.self) {
            try await bench.host.load([PluginDescription(name: "p", library: fixture.path)])
        }
        #expect(errors?.errors.first?.kind == .malformed && errors?.errors.first?.message.contains(words) == true)
    }

    @Test func `flags that mean nothing are refused, and what an older table lacks is nothing`() async throws {
        let odd = try Fixture("provider", ["TOOLS=1", "TOOLS_FLAGS=2"])
        let bench = Bench()
        let errors = await #expect(throws: PluginErrors.self) {
            try await bench.host.load([PluginDescription(name: "p", library: odd.path)])
        }
        #expect(errors?.errors.first?.message.contains("bits that mean nothing: 0x2") == true)
        let older = try await Bench.with(Fixture("provider", ["TOOLS=11"]))
        #expect(try older.host.tools(named: "p").tools.last?.description == "")
        await older.host.stop()
    }

    // MARK: Calls

    @Test(
        arguments: [
            ("b", ["TOOLS=1"]), ("s", ["TOOLS=1"]), ("t", ["TOOLS=1"]), ("b", ["TOOLS=1", "TOOLS_FLAGS=1"]),
            ("t", ["TOOLS=1", "TOOLS_FLAGS=1"]),
        ] as [(String, [String])])
    func `a tool answers, from wherever it likes`(place: String, defines: [String]) async throws {
        let fixture = try Fixture("provider", defines)
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.invoke("\(place) text=Hel kind=12 text=lö usage=5,2 finish")
        #expect(outcome.text == "Hellö" && outcome.violations == [])
        guard case .stop = outcome.end.outcome else {
            Issue.record("\(outcome.end)")
            return
        }
        #expect(
            (0...4).map { fixture.tool($0) } == [
                "run", "\(place) text=Hel kind=12 text=lö usage=5,2 finish", "call_1", "req_1", "o",
            ])
        #expect(fixture.tool(5) == "1234")
        await fixture.reaches("releases", 1)
        await bench.host.stop()
        #expect(fixture.count("misuse") == 0 && fixture.count("cancels") == 0)
    }

    @Test(arguments: [["TOOLS=1"], ["TOOLS=1", "TOOLS_FLAGS=1"]])
    func `a tool that fails says why, in invoke or later`(defines: [String]) async throws {
        let fixture = try Fixture("provider", defines)
        let bench = try await Bench.with(fixture)
        let late = try await bench.invoke("t text=half fail=\(PBAY_EUPSTREAM)")
        #expect(late.error?.message == "it failed" && late.error?.kind == .provider && late.text == "")
        let refused = await bench.refusal("refuse=\(PBAY_EINVALID)")
        #expect(refused?.message == "refused by the fixture")
        await fixture.reaches("releases", 1)
        await eventually("nothing is under way") { bench.host.plugins.first?.calls == 0 }
        await bench.host.stop()
        #expect(fixture.count("misuse") == 0 && fixture.count("releases") == 1)
    }

    @Test func `a failure without a reason says so`() async throws {
        let bench = try await Bench.with(Fixture("provider", ["TOOLS=1"]))
        #expect(try await bench.invoke("b failnull").error?.message == "It gave no reason.")
        await bench.host.stop()
    }

    @Test(arguments: ["b", "t"])
    func `ten megabytes are taken without being kept, in one piece or in many`(place: String) async throws {
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        for script in ["big=10485760", "flood=10240,1024", "flood=100000,1"] {
            let outcome = try await bench.invoke("\(place) \(script) finish", maxOutput: 1000)
            // A little more than asked for tells the caller that there was more.
            #expect((1001...1004).contains(outcome.text.utf8.count) && outcome.error == nil)
            #expect(outcome.events.count == 1)
        }
        #expect(fixture.answers.allSatisfy { $0 == 0 })
        await fixture.reaches("releases", 3)
        await bench.host.stop()
    }

    @Test func `a second end has no effect`() async throws {
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.invoke("t text=once finish finish fail=\(PBAY_EUPSTREAM) text=more")
        #expect(outcome.text == "once" && outcome.error == nil && outcome.violations == [])
        await fixture.reaches("releases", 1)
        await eventually("the script has run") { fixture.answers.count == 5 }
        #expect(fixture.answers.suffix(3).allSatisfy { $0 == PBAY_CLOSED })
        await bench.host.stop()
    }

    @Test(arguments: ["bad", "null", "nullevent"])
    func `what is no text ends the call`(word: String) async throws {
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.invoke("t text=a \(word)")
        #expect(outcome.error?.message == "Its output is not UTF-8 text." && outcome.text == "")
        await eventually("the plugin is told") { fixture.answers.last == PBAY_EINVALID }
        await fixture.reaches("releases", 1)
        await bench.host.stop()
    }

    @Test func `a call that hangs is cancelled at once, and its end is waited for in the background`() async throws {
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        let call = try await bench.beginTool("t text=a hold")
        try await call.with { $0.call?.cancel(.deadline) }
        #expect(try await call.outcome.error?.kind == .cancelled)
        await fixture.reaches("cancels", 1)
        #expect(fixture.count("reason") == PBAY_CANCEL_DEADLINE && fixture.count("releases") == 0)
        fixture.go()
        await fixture.reaches("releases", 1)
        await bench.host.stop()
        #expect(fixture.count("misuse") == 0)
    }

    @Test func `a call that blocks its thread is cancelled at once, and told of it when it returns`() async throws {
        let fixture = try Fixture("provider", mayBlock)
        let bench = try await Bench.with(fixture)
        let call = try await bench.beginTool("b text=a wait")
        await fixture.reaches("begins", 1)
        try await call.with { $0.call?.cancel(.clientGone) }
        // The receiver's end doesn't wait for the plugin; the plugin isn't told while its function runs.
        #expect(try await call.outcome.error?.kind == .cancelled)
        #expect(fixture.count("cancels") == 0)
        fixture.go()
        await fixture.reaches("releases", 1)
        #expect(fixture.count("cancels") == 1 && fixture.count("misuse") == 0)
        await bench.host.stop()
    }

    @Test func `a call that was cancelled and is refused then is released by nobody`() async throws {
        let fixture = try Fixture("provider", mayBlock + ["REFUSES_LATE"])
        let bench = try await Bench.with(fixture)
        let call = try await bench.beginTool("b wait")
        await fixture.reaches("begins", 1)
        try await call.with { $0.call?.cancel(.clientGone) }
        _ = try await call.outcome
        fixture.go()
        await eventually("nothing is under way") { bench.host.plugins.first?.calls == 0 }
        #expect(fixture.count("releases") == 0 && fixture.count("cancels") == 0)
        await bench.host.stop()
    }

    @Test func `tools that block run at the same time, on threads of their own`() async throws {
        let fixture = try Fixture("provider", mayBlock)
        let bench = try await Bench.with(fixture)
        var calls: [Bench.Call] = []
        for _ in 0..<4 { calls.append(try await bench.beginTool("b wait text=a finish")) }
        await fixture.reaches("begins", 4)
        // The strand is free meanwhile.
        try await bench.settle()
        for _ in 0..<4 { fixture.go() }
        for call in calls { #expect(try await call.outcome.text == "a") }
        await fixture.reaches("releases", 4)
        await bench.host.stop()
    }

    @Test func `cancel and release may be missing`() async throws {
        let fixture = try Fixture("provider", ["TOOLS=1", "TOOLS_BARE"])
        let bench = try await Bench.with(fixture)
        #expect(try await bench.invoke("t text=a finish").text == "a")
        let call = try await bench.beginTool("t wait fail=\(PBAY_ECANCELLED)")
        try await call.with { $0.call?.cancel(.clientGone) }
        _ = try await call.outcome
        fixture.go()
        await eventually("nothing is under way") { bench.host.plugins.first?.calls == 0 }
        await bench.host.stop()
    }

    @Test func `a tool has the host's timers and its exchanges`() async throws {
        let server = try await WebServer(body: "data: a\n\n")
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.invoke("s timer=0 http=\(server.url)")
        #expect(outcome.error == nil && outcome.text.hasSuffix("status 200 type 1|a"))
        await fixture.reaches("releases", 1)
        await bench.host.stop()
        try await server.close()
    }

    @Test func `a server that stops cancels tools that run`() async throws {
        let fixture = try Fixture("provider", ["TOOLS=1"])
        let bench = try await Bench.with(fixture)
        let call = try await bench.beginTool("s text=a")
        await bench.host.stop()
        #expect(try await call.outcome.error?.kind == .cancelled)
        #expect(fixture.count("reason") == PBAY_CANCEL_SHUTDOWN && fixture.count("releases") == 1)
    }
}

extension Bench {
    /// Why a call was refused: thrown where the plugin runs on the strand, else its end.
    fileprivate func refusal(_ script: String) async -> GatewayError? {
        do {
            return try await invoke(script).error
        } catch {
            return error as? GatewayError
        }
    }
}
