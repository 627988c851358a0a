import Foundation
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

/// A C function as a tool of the server.
@Suite struct ForeignToolTests {
    let fixture: Fixture
    let bench = Bench()

    init() throws { fixture = try Fixture("foreign") }

    private func invoke(_ tool: ForeignTool, _ arguments: String) async throws -> Bench.Call {
        let loop = bench.loop
        return try await loop.submit {
            let recorder = Recorder(on: loop)
            do {
                recorder.call = try tool.invoke(
                    ToolInvocation(
                        name: "f", arguments: Array(arguments.utf8), callID: "call_1", requestID: "req_1", owner: "",
                        timeout: 1000), on: loop, receiver: recorder)
            } catch {
                recorder.ended.succeed()
                throw error
            }
            return Bench.Call(
                recorder: NIOLoopBound(recorder, eventLoop: loop), ended: recorder.ended.futureResult)
        }.get()
    }

    @Test("an output is told as text, with one end; a failure in its words")
    func outcomes() async throws {
        let check = try bench.host.foreignTool(
            ForeignSignature(
                fixture.path, "check", [.given("text", .string)],
                ForeignResult(.scalar(.int), success: .values([0]), errorText: "check_words")))
        let good = try await invoke(check, #"{"text":"good"}"#).outcome
        #expect(good.text == "0" && good.error == nil && good.violations == [])
        let bad = try await invoke(check, #"{"text":"bad"}"#).outcome
        #expect(bad.events == [] && bad.error?.message == "check failed with the status -7: it is bad")
        #expect(String(decoding: check.parameters, as: UTF8.self).contains(#""required":["text"]"#))
    }

    @Test("arguments that don't fit are refused at once, and nothing is called")
    func refused() async throws {
        let length = try bench.host.foreignTool(
            ForeignSignature(fixture.path, "length", [.given("text", .string)], .int))
        await #expect(
            throws: GatewayError(.invalidRequest, "The argument 'text' must not hold the character U+0000.")
        ) {
            _ = try await invoke(length, #"{"text":"\u0000"}"#)
        }
        #expect(fixture.count("calls") == 0)
    }

    @Test("a call that hangs keeps its own thread: it is cancelled at once, and other calls go on")
    func hanging() async throws {
        let hang = try bench.host.foreignTool(
            ForeignSignature(fixture.path, "hang", [.given("x", .scalar(.int))], .int), threads: 2)
        let first = try await invoke(hang, #"{"x":1}"#)
        await fixture.reaches("waiting", 1)
        try await first.with { $0.call?.cancel(.deadline) }
        let outcome = try await first.outcome
        #expect(outcome.error?.kind == .cancelled && outcome.events == [])
        let other = try bench.host.foreignTool(
            ForeignSignature(fixture.path, "length", [.given("text", .string)], .int))
        #expect(try await invoke(other, #"{"text":"abc"}"#).outcome.text == "3")
        // What the function says when it comes back has no effect.
        let second = try await invoke(hang, #"{"x":2}"#)
        fixture.go()
        #expect(try await second.outcome.text == "2")
        await fixture.reaches("calls", 3)
        try await bench.settle()
        #expect(try await first.outcome.violations == [])
    }

    @Test("with one thread, a second call waits until the first is over")
    func oneThread() async throws {
        let hang = try bench.host.foreignTool(
            ForeignSignature(fixture.path, "hang", [.given("x", .scalar(.int))], .int), threads: 1)
        let first = try await invoke(hang, #"{"x":1}"#)
        await fixture.reaches("waiting", 1)
        let second = try await invoke(hang, #"{"x":2}"#)
        #expect(fixture.count("calls") == 1)
        fixture.go()
        #expect(try await first.outcome.text == "1")
        #expect(try await second.outcome.text == "2")
    }

    @Test("the documentation lists every function that is never bound")
    func documented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Documentation/plugins/tools.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for group in ForbiddenSymbols.groups {
            #expect(text.contains("* what \(group.reason): " + group.names.map { "`\($0)`" }.joined(separator: ", ")))
        }
    }
}
