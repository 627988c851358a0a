import NIOCore
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// What a request was made of is gone once the request is over.
@Suite struct LeakTests {
    /// Returns once nothing is under way on the loop that was begun before.
    private func settle(_ runner: LoopRunner) async throws {
        for _ in 0..<20 { try await runner.run {} }
    }

    @Test(arguments: [true, false])
    func `a stream that was read to its end holds no exchange`(isStored: Bool) async throws {
        let runner = LoopRunner()
        let gateway = Gateway(FakeProvider([.text("hi")]), store: FakeStore())
        let id = isStored ? try await gateway.turn(.user("q")).id : nil
        let exchange = try await runner.run {
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            if let id {
                try await gateway.resume(id, in: exchange, to: RecordingSink())
            } else {
                try await gateway.stream(.background("q", stream: true), in: exchange, to: RecordingSink())
            }
            return Weak(exchange)
        }
        try await settle(runner)
        #expect(exchange.object == nil)
    }

    @Test(arguments: [false, true])
    func `a turn that failed before its first event, or said something first, holds no run`(hasBegun: Bool)
        async throws
    {
        let runner = LoopRunner()
        let provider = HeldProvider()
        let gateway = Gateway(provider, store: FakeStore())
        async let turn: Void = runner.run {
            let exchange = Exchange(id: "req_1", owner: "a", strand: runner.loop)
            try? await gateway.stream(.user("q", stream: true), in: exchange, to: RecordingSink())
        }
        await provider.asked.wait()
        provider.end(hasBegun ? [.text("x")] : [], .failed(GatewayError(.provider, "down")))
        try await turn
        try await settle(runner)
        #expect(provider.areReceiversGone)
    }
}
