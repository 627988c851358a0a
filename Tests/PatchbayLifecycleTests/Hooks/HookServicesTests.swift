import NIOCore
import PatchbayModel
import Synchronization
import Testing

@testable import PatchbayLifecycle

/// What hooks can do besides their verdicts.
@Suite struct HookServicesTests {
    /// The answers that a hook has got.
    private final class Answers: Sendable {
        private let all = Mutex<[Result<String, GatewayError>]>([])
        let came = Signal()

        var list: [Result<String, GatewayError>] { all.withLock { $0 } }

        func add(_ answer: Result<String, GatewayError>) {
            all.withLock { $0.append(answer) }
            came.give()
        }
    }

    @Test func `the bag: hooks leave values for later points and for one another, and it goes with the request`()
        async throws
    {
        let found = Mutex<[String]>([])
        let first = FakeHook(named: "first", HookInterest([.request])) { _, services in
            found.withLock {
                $0.append(services.value(named: "k").map { String(decoding: $0, as: UTF8.self) } ?? "none")
            }
            try? services.put(Array("v".utf8), named: "k")
            return .now(.proceed)
        }
        let second = FakeHook(named: "second", HookInterest([.historyLoaded, .complete])) { visit, services in
            found.withLock {
                $0.append(services.value(named: "k").map { String(decoding: $0, as: UTF8.self) } ?? "none")
            }
            if visit.point == .historyLoaded { try? services.put([], named: "k") }
            return .now(.proceed)
        }
        let gateway = Gateway(FakeProvider([.text("hi")]), hooks: first, second)
        for _ in 0..<2 { _ = try await gateway.turn(.user("q")) }
        #expect(found.withLock { $0 } == ["none", "v", "none", "none", "v", "none"])
    }

    @Test func `the bag is bounded in values, names and bytes`() throws {
        let runner = LoopRunner()
        let gateway = Gateway(FakeProvider([]), hooks: FakeHook(.all))
        let services = RequestServices(
            gateway: gateway, exchange: Exchange(id: "r", owner: "a", strand: runner.loop))
        for name in ["", String(repeating: "n", count: 129)] {
            let error = #expect(throws: GatewayError.self) { try services.put([1], named: name) }
            #expect(error?.kind == .invalidRequest)
        }
        for index in 0..<64 { try services.put([1], named: "\(index)") }
        let error = #expect(throws: GatewayError.self) { try services.put([1], named: "one more") }
        #expect(error?.kind == .tooLarge)
        try services.put([2, 3], named: "7")
        #expect(services.value(named: "7") == [2, 3])
        try services.put([], named: "8")
        #expect(services.value(named: "8") == nil)
        try services.put(Array(repeating: 0, count: 1_000_000), named: "large")
        #expect(throws: GatewayError.self) { try services.put(Array(repeating: 0, count: 100_000), named: "7") }
        #expect(services.value(named: "7") == [2, 3], "what doesn't fit changes nothing")
    }

    private func asking(_ body: String, at point: HookPoint = .request, _ answers: Answers) -> FakeHook {
        FakeHook(HookInterest([point, .complete])) { visit, services in
            guard visit.point == point else { return .now(.proceed) }
            do throws(GatewayError) {
                try services.ask(Array(body.utf8)) { answers.add($0) }
            } catch {
                answers.add(.failure(error))
            }
            return .held(.proceed)
        }
    }

    @Test func `a model is asked: it reaches no hook and no store, and offers no tools`() async throws {
        let answers = Answers()
        let body =
            #"{"model":"guard","input":"Is this fine?","tools":[{"type":"function","name":"f"}],"temperature":0}"#
        let hook = asking(body, answers)
        let store = FakeStore()
        let moderator = ScriptedProvider("moderator") { _, _ in
            ([.text("Yes"), .text("."), .toolCall(index: 0, id: "a", name: "f")], ProviderEnd(.stop))
        }
        let gateway = Gateway(
            FakeProvider([.text("hi")]), store: store, others: ["guard": moderator],
            entries: [HookEntry(hook, budget: .hours(1))])
        async let response = gateway.turn(.user("q"))
        await answers.came.wait()
        hook.release()
        #expect(try await response.text == "hi")
        #expect(answers.list == [.success("Yes.")])
        #expect(moderator.bodies[0].contains("Is this fine?") && moderator.bodies[0].contains(#""temperature":0"#))
        #expect(!moderator.bodies[0].contains("tools"))
        #expect(store.records.count == 1 && hook.visits.count == 2)
    }

    @Test(arguments: [[], [ProviderEvent.text("I")]])
    func `a provider that fails before its first word gives way to the next, as in a turn`(said: [ProviderEvent])
        async throws
    {
        let answers = Answers()
        let hook = asking(#"{"model":"m","input":"x"}"#, answers)
        let failing = FakeProvider(said, .failed(GatewayError(.rateLimited, "slowly")))
        let gateway = Gateway(
            failing, others: ["other": FakeProvider([.text("Yes")])], fallbacks: ["other"],
            entries: [HookEntry(hook, budget: .hours(1))])
        async let response = try? gateway.turn(.user("q"))
        await answers.came.wait()
        hook.release()
        _ = await response
        switch answers.list.first {
        case .success(let text): #expect(said.isEmpty && text == "Yes")
        case .failure(let error): #expect(!said.isEmpty && error.kind == .rateLimited)
        case nil: Issue.record("no answer came")
        }
    }

    @Test func `what is no question is refused at once`() async throws {
        let bodies = [
            ("{", "invalid_json"), (#"{"model":"nobody","input":"x"}"#, "model_not_found"),
            (#"{"model":"m","input":"x","previous_response_id":"resp_1"}"#, nil),
            (#"{"model":"m","input":[{"type":"item_reference","id":"msg_1"}]}"#, nil),
        ]
        for (body, code) in bodies {
            let answers = Answers()
            let hook = asking(body, answers)
            let gateway = Gateway(FakeProvider([.text("hi")]), entries: [HookEntry(hook, budget: .hours(1))])
            async let response = gateway.turn(.user("q"))
            await hook.waiting.wait()
            hook.release()
            _ = try await response
            guard case .failure(let error)? = answers.list.first else {
                Issue.record("\(body) was asked")
                continue
            }
            if let code { #expect(error.code == code) } else { #expect(error.kind == .invalidRequest) }
        }
    }

    @Test func `a question ends with its visit: the model is cancelled when the client leaves or the budget is spent`()
        async throws
    {
        for budget in [TimeAmount.milliseconds(50), .hours(1)] {
            let answers = Answers()
            let hook = asking(#"{"model":"slow","input":"x"}"#, answers)
            let slow = FakeProvider([.text("hm")], hangs: true)
            let gateway = Gateway(
                FakeProvider([.text("hi")]), others: ["slow": slow],
                entries: [HookEntry(hook, onError: .failOpen, budget: budget)])
            let runner = LoopRunner()
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            async let ended: Void = runner.run {
                _ = try? await gateway.respond(to: .user("q"), in: exchange)
            }
            if budget == .hours(1) {
                while slow.requests.isEmpty { await Task.yield() }
                runner.loop.execute { exchange.clientGone() }
            }
            await answers.came.wait()
            try await ended
            guard case .failure(let error)? = answers.list.first else {
                Issue.record("an answer came")
                continue
            }
            #expect(error.kind == .cancelled && answers.list.count == 1)
            await slow.cancelled.wait()
        }
    }
}
