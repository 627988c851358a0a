import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

/// A C function as a hook.
@Suite struct ForeignHookTests {
    let fixture: Fixture
    let bench = Bench()

    init() throws { fixture = try Fixture("foreign") }

    private var upper: ForeignSignature {
        ForeignSignature(
            fixture.path, "upper", [.given("text", .string)], ForeignResult(.string, release: "give_back"))
    }

    private var check: ForeignSignature {
        ForeignSignature(
            fixture.path, "check", [.given("text", .string)],
            ForeignResult(.scalar(.int), name: "", success: .values([0]), errorText: "check_words"))
    }

    private final class NoServices: HookServices {
        func put(_ value: [UInt8], named name: String) throws(GatewayError) {}
        func value(named name: String) -> [UInt8]? { nil }
        func ask(
            _ body: [UInt8], done: @escaping @Sendable (Result<String, GatewayError>) -> Void
        ) throws(GatewayError) {}
    }

    /// Visits a hook with a document, and gives its verdict in words.
    private func visit(_ signature: ForeignSignature, _ point: HookPoint, _ document: String) async throws -> String {
        let hook = try bench.host.foreignHook(named: "h", points: [point], signature)
        let loop = bench.loop
        let promise = loop.makePromise(of: String.self)
        try await loop.submit {
            let session = try hook.open(
                HookedRequest(
                    id: "req_1", owner: "", model: "m", isStreamed: false, isBackground: false, isStored: false,
                    strand: loop, services: NoServices()))
            let bytes = Array(document.utf8)
            let now = session.visit(HookVisit(point, document: { bytes })) { verdict in
                promise.succeed(Self.words(verdict))
                session.close()
            }
            if let now { promise.succeed("at once: " + Self.words(now)) }
        }.get()
        return try await promise.futureResult.get()
    }

    private static func words(_ verdict: HookVerdict) -> String {
        switch verdict {
        case .proceed: "proceed"
        case .replace(let json): String(decoding: json, as: UTF8.self)
        case .reject(let error): "reject \(error.kind): \(error.message)"
        case .failed(let fault): "failed: \(fault.reason)"
        case .replaceEvents, .answer: "another"
        }
    }

    @Test("request: each text of messages and tools' outputs is replaced, and nothing else changes")
    func request() async throws {
        let document =
            #"{"model":"m", "instructions":"as it is","input":[{"type":"message","id":"msg_1","role":"user","content":[{"type":"input_text","text":"a \"b\""},{"type":"input_image","image_url":"x"}]},"#
            + #"{"role":"user","content":"plain"},{"type":"function_call","name":"f","arguments":"{}"},"#
            + #"{"type":"function_call_output","call_id":"c","output":"done"},{"type":"reasoning","summary":[]}]}"#
        let expected =
            #"{"model":"m", "instructions":"as it is","input":[{"type":"message","id":"msg_1","role":"user","content":[{"type":"input_text","text":"A \"B\""},{"type":"input_image","image_url":"x"}]},"#
            + #"{"role":"user","content":"PLAIN"},{"type":"function_call","name":"f","arguments":"{}"},"#
            + #"{"type":"function_call_output","call_id":"c","output":"DONE"},{"type":"reasoning","summary":[]}]}"#
        #expect(try await visit(upper, .request, document) == expected)
        #expect(try await visit(upper, .request, #"{"input":"a"}"#) == #"{"input":"A"}"#)
        #expect(fixture.count("freed") == fixture.count("calls"))
    }

    @Test("history_loaded and tool_result: the input or the output alone is handed back")
    func others() async throws {
        let input = #"[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}]"#
        #expect(
            try await visit(upper, .historyLoaded, #"{"model":"m","input":\#(input)}"#)
                == #"{"input":\#(input.replacing("x\"}", with: "X\"}"))}"#)
        #expect(
            try await visit(upper, .toolResult, #"{"call_id":"c","name":"n","output":"out","is_error":false}"#)
                == #"{"output":"OUT"}"#)
    }

    @Test("a text that stays as it is replaces nothing; an empty one isn't looked at")
    func unchanged() async throws {
        #expect(try await visit(upper, .request, #"{"input":"ABC"}"#) == "proceed")
        #expect(fixture.count("calls") == 1)
        #expect(try await visit(upper, .request, #"{"input":""}"#) == "proceed")
        #expect(fixture.count("calls") == 1)
    }

    @Test("a status that is no success rejects the request, with its words")
    func rejects() async throws {
        #expect(try await visit(check, .request, #"{"input":"good"}"#) == "proceed")
        #expect(
            try await visit(check, .request, #"{"input":[{"role":"user","content":"so bad"}]}"#)
                == "reject invalidRequest: check failed with the status -7: it is bad")
        var signature = check
        signature.result.errorText = nil
        signature.result.error = "Not here."
        #expect(try await visit(signature, .request, #"{"input":"bad"}"#) == "reject invalidRequest: Not here.")
    }

    @Test("a text that the function can't be given is a failure of the hook")
    func fails() async throws {
        #expect(
            try await visit(upper, .request, #"{"input":"a\u0000"}"#)
                == "failed: The argument 'text' must not hold the character U+0000.")
        #expect(try await visit(upper, .request, "[") == "failed: the document of the point can't be read")
    }

    @Test("what can be no hook is refused")
    func complaints() {
        func complaint(_ signature: ForeignSignature, _ points: [HookPoint] = [.request]) -> String? {
            do throws(ForeignError) {
                _ = try bench.host.foreignHook(named: "h", points: points, signature)
                return nil
            } catch {
                return error.description
            }
        }
        let given = "ffi.args must have exactly one argument that is given, a string or bytes: the text"
        let told = "ffi.returns must make a hook's function give one text, or a status with 'ok'"
        #expect(complaint(upper) == nil)
        #expect(
            complaint(upper, [.events])
                == "ffi.points can't have events: a C function sees the points request, history_loaded, tool_result")
        #expect(complaint(ForeignSignature(fixture.path, "null_text", [], ForeignResult(.string))) == given)
        #expect(complaint(ForeignSignature(fixture.path, "echo_int", [.given("x", .scalar(.int))], .int)) == given)
        #expect(complaint(ForeignSignature(fixture.path, "length", [.given("text", .string)], .int)) == told)
    }
}
