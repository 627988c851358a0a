import CPatchbay
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct StreamTests {
    @Test func `a plugin's answer comes in order and ends once`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s text=Hel text=lo usage=5,2 up=resp_up by=END finish")
        #expect(outcome.text == "Hello")
        #expect(outcome.violations == [])
        #expect(outcome.end.usage == Usage(inputTokens: 5, outputTokens: 2))
        #expect(outcome.end.upstreamResponseID == "resp_up" && outcome.end.stopSequence == "END")
        guard case .stop = outcome.end.outcome else {
            Issue.record("\(outcome.end)")
            return
        }
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 0, 0, 0, 0, 0])
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
    }

    @Test(arguments: ["b", "s", "t"])
    func `every kind of event arrives, from wherever it is pushed`(place: String) async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let item = #"{"type":"acme:note","text":"x"}"#
        let outcome = try await bench.run(
            "\(place) tool=4 args=4 toolend=4 item=\(item) logprobs=[{}] annotation={\"a\":1} kind=12 kind=13 short finish=2"
        )
        #expect(
            outcome.events == [
                .toolCall(index: 4, id: "call_1", name: "f"), .arguments(index: 4, "{}"), .toolCallEnd(index: 4),
                .item(Array(item.utf8)), .logprobs(Array("[{}]".utf8)), .annotation(Array(#"{"a":1}"#.utf8)),
                .partEnd, .itemEnd, .partEnd,
            ])
        guard case .length = outcome.end.outcome else {
            Issue.record("\(outcome.end)")
            return
        }
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        await bench.host.stop()
    }

    @Test(arguments: ["s", "t"])
    func `a reader that pauses loses nothing, and each pause has its resume`(place: String) async throws {
        let fixture = try Fixture("provider")
        let limits = StreamLimits(softCapBytes: 200)
        let bench = try await Bench.with(fixture, PluginHostSettings(limits: limits))
        let outcome = try await bench.run("\(place) n=500,10 finish") { $0.pausesAt = [0, 7, 8, 100] }
        #expect(outcome.text.utf8.count == 5000)
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.count("pauses") > 0)
        #expect(fixture.count("resumes") == fixture.count("pauses"))
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
    }

    @Test func `a reader that is behind gets all of what a plugin said before it ended`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("b n=500,10 finish") {
            $0.pausesAt = [0, 7, 8, 100, 499]
            $0.resumes = false
        }
        await fixture.reaches("releases", 1)
        for _ in 0..<5 { try await call.with { $0.resume() } }
        let outcome = try await call.outcome
        #expect(outcome.text.utf8.count == 5000)
        #expect(outcome.violations == [])
        #expect(fixture.count("pauses") == 0)
        await bench.host.stop()
    }

    @Test func `a thread that pushes past the soft cap is paused until the reader has caught up`() async throws {
        let fixture = try Fixture("provider")
        let limits = StreamLimits(softCapBytes: 1000, hardCapBytes: 4000)
        let bench = try await Bench.with(fixture, PluginHostSettings(limits: limits))
        let call = try await bench.begin("t n=100,100 finish") {
            $0.pausesAt = [0]
            $0.resumes = false
        }
        await fixture.reaches("pauses", 1)
        #expect(fixture.count("resumes") == 0)
        try await call.with { $0.resume() }
        let outcome = try await call.outcome
        #expect(outcome.text.utf8.count == 10_000)
        #expect(outcome.violations == [])
        await bench.host.stop()
    }

    @Test(arguments: ["s", "t"])
    func `pushing past the hard cap ends the stream with an error`(place: String) async throws {
        let fixture = try Fixture("provider")
        let limits = StreamLimits(softCapBytes: 1000, hardCapBytes: 4000)
        let bench = try await Bench.with(fixture, PluginHostSettings(limits: limits))
        let outcome = try await bench.run("\(place) flood=1000,100") {
            $0.pausesAt = [0]
            $0.resumes = false
        }
        #expect(outcome.error?.kind == .provider)
        #expect(outcome.error?.message == "The provider's answer was cut: it came faster than it could be sent.")
        await fixture.reaches("releases", 1)
        #expect(fixture.answers.first == PBAY_ELIMIT)
        #expect(fixture.count("reason") == PBAY_CANCEL_LIMIT)
        #expect(fixture.count("cancels") == 1)
        await bench.host.stop()
    }

    @Test func `an event over the limit is refused, one at it is taken`() async throws {
        let fixture = try Fixture("provider")
        let limits = StreamLimits(maxEventBytes: 1000)
        let bench = try await Bench.with(fixture, PluginHostSettings(limits: limits))
        #expect(try await bench.run("s big=1000 finish").text.utf8.count == 1000)
        let refused = try await bench.run("s big=1001 finish")
        #expect(refused.error?.message == "The provider's answer was cut: one piece of it was too large.")
        await fixture.reaches("releases", 2)
        #expect(fixture.answers == [0, 0, PBAY_ELIMIT, 0])
        await bench.host.stop()
    }

    @Test(arguments: [
        ("bad", "a text that isn't UTF-8"), ("null", "a text that isn't UTF-8"),
        ("nullevent", "no event (a null pointer)"), ("args=3", "an unknown tool call index"),
        ("item=[1]", "an item that isn't a JSON object"), ("item={}", "an item without a type"),
        ("item={", "an item that isn't a JSON object"), ("logprobs={}", "logprobs that aren't a JSON array"),
        ("annotation=1", "an annotation that isn't a JSON object"),
    ])
    func `a malformed event ends the stream with an error`(word: String, detail: String) async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s text=a \(word) text=b finish")
        #expect(outcome.text == "a")
        #expect(outcome.error?.kind == .provider)
        #expect(outcome.error?.message == "The provider's answer was malformed.")
        #expect(outcome.error?.detail == "the plugin pushed \(detail)")
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, PBAY_EINVALID, PBAY_CLOSED, 0])
        await bench.host.stop()
    }

    @Test func `a text of absurd size is refused without being read`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s absurd")
        #expect(outcome.error?.kind == .provider)
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [PBAY_ELIMIT])
        await bench.host.stop()
    }

    @Test func `an unknown kind is refused and the stream goes on`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s kind=99 text=a kind=0 finish")
        #expect(outcome.text == "a")
        #expect(outcome.error == nil)
        #expect(fixture.answers == [PBAY_EUNSUPPORTED, 0, PBAY_EUNSUPPORTED, 0])
        await bench.host.stop()
    }

    @Test(arguments: ["b", "s", "t"])
    func `what follows an end is refused and goes nowhere`(place: String) async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("\(place) text=a finish text=b finish fail=-16 usage=1,1")
        #expect(outcome.text == "a")
        #expect(outcome.error == nil)
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 0, PBAY_CLOSED, PBAY_CLOSED, PBAY_CLOSED, PBAY_CLOSED])
        #expect(fixture.push(fixture.stream) == PBAY_CLOSED)
        #expect(fixture.push(0) == PBAY_CLOSED)
        #expect(fixture.push(.max) == PBAY_CLOSED)
        await bench.host.stop()
    }

    @Test func `an end in begin comes after begin has returned`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("b text=quick finish")
        #expect(outcome.text == "quick")
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        await bench.host.stop()
    }

    @Test func `a receiver that cancels gets its end at once, and the plugin's later words go nowhere`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s text=a text=b text=c") { $0.cancelsAt = 1 }
        #expect(outcome.text == "ab")
        #expect(outcome.error?.kind == .cancelled)
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 0, PBAY_CLOSED])
        #expect(fixture.count("cancels") == 1)
        #expect(fixture.count("reason") == PBAY_CANCEL_CLIENT)
        await bench.host.stop()
    }

    @Test func `a cancel after the end does nothing`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("s finish")
        _ = try await call.outcome
        try await call.with { $0.call?.cancel(.clientGone) }
        await fixture.reaches("releases", 1)
        try await bench.settle()
        #expect(fixture.count("cancels") == 0)
        #expect(try await call.outcome.violations == [])
        await bench.host.stop()
    }

    @Test func `a plugin that ignores its cancel is released when it ends at last, and not before`() async throws {
        let fixture = try Fixture("provider")
        let limits = StreamLimits(cancelGrace: .milliseconds(1))
        let bench = try await Bench.with(fixture, PluginHostSettings(limits: limits))
        let call = try await bench.begin("t stubborn hold")
        try await call.with { $0.call?.cancel(.clientGone) }
        #expect(try await call.outcome.error?.kind == .cancelled)
        await eventually("the call is overdue") { bench.host.plugins[0].overdueCalls == 1 }
        #expect(fixture.count("releases") == 0)
        #expect(bench.host.plugins[0].calls == 1)
        let line = "a plugin hasn't ended a cancelled call; its memory is kept until it does"
        #expect(bench.log.lines.filter { $0.message == line }.count == 1)
        fixture.go()
        await fixture.reaches("releases", 1)
        try await bench.settle()
        #expect(bench.host.plugins[0].overdueCalls == 0)
        #expect(bench.host.plugins[0].calls == 0)
        await bench.host.stop()
    }

    @Test func `a plugin that never ends is stopped by the deadline`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s text=a", timeout: 20)
        #expect(outcome.text == "a")
        #expect(outcome.error?.kind == .timeout)
        await fixture.reaches("releases", 1)
        #expect(fixture.count("reason") == PBAY_CANCEL_DEADLINE)
        await #expect(throws: GatewayError.self) { try await bench.run("s finish", timeout: 0) }
        await bench.host.stop()
    }

    @Test func `a refusal of begin is thrown, and nothing follows`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        await #expect {
            try await bench.run("refuse=-2")
        } throws: { error in
            error as? GatewayError == GatewayError(.invalidRequest, "refused by the fixture", param: "model")
        }
        try await bench.settle()
        #expect(bench.host.plugins[0].calls == 0)
        #expect(fixture.count("releases") == 0)
        #expect(fixture.push(fixture.stream) == PBAY_CLOSED)
        await bench.host.stop()
    }

    @Test func `many calls at once don't mix`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let place = ["b", "s", "t"][number % 3]
                    let outcome = try await bench.run("\(place) text=<\(number)> n=50,3 text=</\(number)> finish") {
                        $0.pausesAt = [1, 20]
                    }
                    #expect(outcome.text == "<\(number)>" + String(repeating: "x", count: 150) + "</\(number)>")
                    #expect(outcome.violations == [])
                }
            }
            try await group.waitForAll()
        }
        await fixture.reaches("releases", 100)
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
    }
}
