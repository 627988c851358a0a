import CPatchbay
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

/// `patchbay.embeddings/1`, as a plugin offers it and the host asks for it.
@Suite struct EmbeddingTests {
    private func bench(_ fixture: Fixture, _ settings: PluginHostSettings = PluginHostSettings()) async throws -> Bench {
        try await Bench.with(fixture, settings)
    }

    @Test(arguments: ["b", "s", "t"])
    func `vectors come in the order of the inputs, from wherever and however they are pushed`(place: String)
        async throws
    {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let outcome = try await bench.embed("\(place) usage=7,-1 vecs=3,2 finish", inputs: 3)
        #expect(outcome.vectors == Vectors(dimensions: 2, numbers: [0, 0, 0.5, 0.5, 1, 1]))
        #expect(outcome.usage?.inputTokens == 7 && outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 0, 0, 0, 0])
        #expect(fixture.count("misuse") == 0 && fixture.count("resumes") == 0)
        await bench.host.stop()
    }

    @Test func `the provider says how many inputs a call may carry`() async throws {
        for (defines, most) in [(["EMBEDS=16"], 16), (["EMBEDS=0"], Int.max), ([], nil)] as [([String], Int?)] {
            let bench = try await bench(try Fixture("provider", defines))
            #expect(try bench.host.provider(named: "p").maxInputs == most)
            #expect(bench.host.plugins.first?.interfaces.contains("patchbay.embeddings/1") == (most != nil))
            await bench.host.stop()
        }
    }

    @Test(arguments: [
        "vec=2,4,1", "vec=4294967295,4,1", "vec=0,4,1 vec=0,4,1", "vec=0,4,1 vec=1,3,1", "vec=0,4,nan", "vec=0,4,inf",
        "vec=0,4,-inf", "rawvec=0", "rawvec=6", "rawvec=262148", "nowhere", "nullevent",
    ])
    func `a vector that is none ends the call`(pushed: String) async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let outcome = try await bench.embed("s \(pushed) vec=1,4,1")
        #expect(outcome.error?.kind == .provider && outcome.error?.message == "The provider's answer was malformed.")
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.answers.suffix(2) == [Int(PBAY_EINVALID.code), Int(PBAY_CLOSED.code)])
        await bench.host.stop()
    }

    @Test func `the longest vector that there may be is taken, and one past the request's own bound is too much`()
        async throws
    {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        #expect(try await bench.embed("s rawvec=262144 finish", inputs: 1).vectors?.dimensions == 65536)
        #expect(try await bench.embed("s rawvec=32 finish", inputs: 1, maxDimensions: 8).vectors?.dimensions == 8)
        let outcome = try await bench.embed("s rawvec=36 finish", inputs: 1, maxDimensions: 8)
        #expect(outcome.error?.code == "answer_too_large" && outcome.error?.kind == .provider)
        await fixture.reaches("releases", 3)
        #expect(fixture.answers.contains(Int(PBAY_ELIMIT.code)))
        await bench.host.stop()
    }

    @Test(arguments: ["finish", "vec=1,4,1 finish", "vecs=2,4 finish=2", "vecs=2,4 finish=3", "vecs=2,4 finish=99"])
    func `an end without all vectors, or that isn't a good one, is the provider's failure`(script: String) async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let outcome = try await bench.embed("s \(script)")
        #expect(outcome.error?.kind == .provider && outcome.violations == [])
        await fixture.reaches("releases", 1)
        await bench.host.stop()
    }

    @Test func `what an answer is made of is dropped, what nobody knows is refused`() async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let outcome = try await bench.embed(
            "s text=hello tool=1 item={\"type\":\"a:b\"} bad kind=13 kind=15 kind=0 vecs=2,1 finish")
        #expect(outcome.vectors?.count == 2 && outcome.violations == [])
        await fixture.reaches("releases", 1)
        let unknown = Int(PBAY_EUNSUPPORTED.code)
        #expect(fixture.answers == [0, 0, 0, 0, 0, unknown, unknown, 0, 0, 0])
        await bench.host.stop()
    }

    @Test func `a vector in an answer, or in a tool's output, is refused and changes nothing`() async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16", "TOOLS=1"])
        let bench = try await bench(fixture)
        #expect(try await bench.run("s text=a vec=0,4,1 text=b finish").text == "ab")
        #expect(try await bench.invoke("s text=a vec=0,4,1 text=b finish").text == "ab")
        await fixture.reaches("releases", 2)
        #expect(fixture.answers.filter { $0 == Int(PBAY_EUNSUPPORTED.code) }.count == 2)
        await bench.host.stop()
    }

    @Test(arguments: ["b", "s", "t"])
    func `a failure is given with its place, at once or later`(place: String) async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let refused = await #expect(throws: GatewayError.self) { try await bench.embed("refuse=-3") }
        #expect(refused?.code == "unsupported" && refused?.param == "model")
        let later = try await bench.embed("\(place) vec=0,1,1 fail=-2")
        #expect(later.error?.kind == .invalidRequest && later.error?.param == "input[0]" && later.violations == [])
        await fixture.reaches("releases", 1)
        await bench.host.stop()
    }

    @Test func `a call that is cancelled ends at once, and is told and released once`() async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let call = try await bench.beginEmbedding("s vec=0,1,1")
        await eventually("the vector was pushed") { fixture.answers.count == 1 }
        try await call.cancel()
        let outcome = try await call.outcome
        #expect(outcome.error?.kind == .cancelled && outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.count("cancels") == 1 && fixture.count("misuse") == 0)
        #expect(fixture.push(fixture.stream) == Int(PBAY_CLOSED.code))
        await bench.host.stop()
    }

    @Test func `a plugin that goes on after its cancel is told that nobody listens, and is released when it ends`()
        async throws
    {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let call = try await bench.beginEmbedding("t vec=0,1,1 hold vec=1,1,1")
        await eventually("the vector was pushed") { fixture.answers.count == 1 }
        try await call.cancel()
        #expect(try await call.outcome.error?.kind == .cancelled)
        await fixture.reaches("cancels", 1)
        #expect(fixture.count("releases") == 0)
        fixture.go()
        await fixture.reaches("releases", 1)
        await eventually("the late vector was answered") { fixture.answers.count == 2 }
        #expect(fixture.answers.last == Int(PBAY_CLOSED.code))
        await bench.host.stop()
    }

    @Test func `a call past its time is over`() async throws {
        let fixture = try Fixture("provider", ["EMBEDS=16"])
        let bench = try await bench(fixture)
        let outcome = try await bench.embed("s vec=0,1,1", timeout: 5)
        #expect(outcome.error?.kind == .timeout)
        await fixture.reaches("releases", 1)
        #expect(fixture.count("reason") == PBAY_CANCEL_DEADLINE)
        await bench.host.stop()
    }

    @Test func `a plugin without the table makes no vectors`() async throws {
        let bench = try await bench(try Fixture("provider"))
        let error = await #expect(throws: GatewayError.self) { try await bench.embed("b vecs=2,1 finish") }
        #expect(error?.code == "unsupported")
        await bench.host.stop()
    }

    @Test func `a table without its function is refused when the plugin is loaded`() async throws {
        let error = await #expect(throws: PluginErrors.self) {
            _ = try await Bench.with(try Fixture("provider", ["EMBEDS=-1"]))
        }
        #expect(error?.errors.first?.message.contains("begin of pbay_embeddings is null") == true)
    }
}
