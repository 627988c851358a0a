import CPatchbay
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct HookAskTests {
    @Test func `a model's answer comes once, and may be followed by the verdict`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open(#"askverdict ask={"model":"m"}"#)
        let visit = try await session.visit()
        #expect(visit.isDeferred)
        #expect(bench.services.questions == [#"{"model":"m"}"#])
        bench.services.answer(0, .success("Yes."))
        bench.services.answer(0, .success("No."))
        #expect(try await visit.verdict == #"replace "asked""#)
        #expect(bench.fixture.text("done") == "0 Yes.")
        try await session.close()
        #expect(bench.fixture.count("dones") == 1)
        await bench.end()
    }

    @Test func `an error of the model's is told with its code, message and param`() async throws {
        let bench = try await HookBench()
        let codes: [(GatewayError.Kind, Int)] = [
            (.invalidRequest, PBAY_EINVALID), (.unauthenticated, PBAY_EAUTH), (.notFound, PBAY_ENOTFOUND),
            (.methodNotAllowed, PBAY_EINVALID), (.conflict, PBAY_ECONFLICT), (.tooLarge, PBAY_ELIMIT),
            (.unsupportedMediaType, PBAY_EINVALID), (.rateLimited, PBAY_ERATELIMIT), (.overloaded, PBAY_EOVERLOADED),
            (.provider, PBAY_EUPSTREAM), (.timeout, PBAY_ETIMEOUT), (.cancelled, PBAY_ECANCELLED),
            (.storage, PBAY_EIO), (.internal, PBAY_EINTERNAL),
        ]
        #expect(Set(codes.map(\.0)) == Set(GatewayError.Kind.allCases))
        for (number, (kind, code)) in codes.enumerated() {
            let session = try await bench.open("askverdict ask={}")
            let visit = try await session.visit()
            bench.services.answer(number, .failure(GatewayError(kind, "It failed.", param: "input")))
            _ = try await visit.verdict
            #expect(bench.fixture.text("done") == "\(code) It failed.input")
            try await session.close()
        }
        await bench.end()
    }

    @Test func `what is no question is refused with the reason, and no answer follows`() async throws {
        let bench = try await HookBench()
        #expect(try await bench.run("ask=bad nullask proceed") == "proceed")
        #expect(bench.fixture.answers == [PBAY_EINVALID, PBAY_EINVALID, 0])
        #expect(bench.fixture.text("done") == "No request.")
        #expect(try await bench.run("ask=busy proceed") == "proceed")
        #expect(bench.fixture.answers.suffix(2) == [PBAY_EOVERLOADED, 0])
        #expect(bench.fixture.count("dones") == 0)
        await bench.end()
    }

    @Test func `a visit asks 8 times at most, and the next one again`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("asks=9 proceed|asks=9 proceed")
        for round in 1...2 {
            #expect(try await session.visit().verdict == "proceed")
            #expect(
                bench.fixture.answers.suffix(10) == [0, 0, 0, 0, 0, 0, 0, 0, PBAY_EOVERLOADED, 0])
            // Nobody waits for the answers of a visit that has had its verdict.
            await bench.fixture.reaches("dones", 8 * round)
            #expect(bench.fixture.text("done") == "\(PBAY_ECANCELLED) The request was cancelled.")
        }
        bench.services.answer(0, .success("Late."))
        try await session.close()
        #expect(bench.fixture.count("dones") == 16)
        await bench.end()
    }

    @Test func `a cancelled visit's questions end so, once`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("asks=3")
        let visit = try await session.visit()
        bench.services.answer(1, .success("In time."))
        await bench.fixture.reaches("dones", 1)
        #expect(bench.fixture.text("done") == "0 In time.")
        try await session.cancel()
        await bench.fixture.reaches("dones", 3)
        #expect(bench.fixture.text("done") == "\(PBAY_ECANCELLED) The request was cancelled.")
        for number in 0..<3 { bench.services.answer(number, .success("Too late.")) }
        try await session.close()
        #expect(visit.verdicts == 0)
        #expect(bench.fixture.push(bench.fixture.stream) == PBAY_CLOSED)
        _ = try await visit.verdict
        #expect(bench.fixture.count("dones") == 3)
        await bench.end()
    }

    @Test func `a deferred verdict ends the questions that are open`() async throws {
        let bench = try await HookBench()
        let session = try await bench.open("asks=2 late proceed")
        let visit = try await session.visit()
        bench.fixture.go()
        #expect(try await visit.verdict == "proceed")
        await bench.fixture.reaches("dones", 2)
        try await session.close()
        await bench.end()
    }

    @Test func `a request is closed after the last of its questions`() async throws {
        let bench = try await HookBench(["FLAGS=1"])
        let session = try await bench.open("asks=2 thread proceed")
        let visit = try await session.visit()
        #expect(try await visit.verdict == "proceed")
        try await session.close()
        await bench.fixture.reaches("closes", 1)
        #expect(bench.fixture.count("dones") == 2)
        await bench.end()
    }
}
