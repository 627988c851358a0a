import NIOCore
import PatchbayJSON
import PatchbayModel
import Testing

@testable import PatchbayLifecycle

/// `attempt_failed`: what hooks make of a provider that fails before its first word.
@Suite struct HookAttemptTests {
    private static let overloaded = GatewayError(.overloaded, "too much")

    private func failing(_ name: String, _ error: GatewayError = overloaded) -> ScriptedProvider {
        ScriptedProvider(name) { _, _ in ([], ProviderEnd(.failed(error))) }
    }

    private let fine = ScriptedProvider("fine") { _, _ in ([.text("fine")], ProviderEnd(.stop)) }

    @Test func `a hook that has nothing to say leaves the fallbacks as they are, and sees each failure`() async throws {
        let hook = FakeHook(at: .attemptFailed, .proceed)
        let gateway = Gateway(failing("bad"), others: ["f": fine], fallbacks: ["f"], hooks: hook)
        #expect(try await gateway.turn(.user("q")).text == "fine")
        let seen = try #require(hook.visits.first?.json)
        #expect(seen["provider"]?.string == "bad" && seen["attempt"]?.int == 1 && seen["next"]?.string == "fine")
        #expect(seen["error"]?["kind"]?.string == "overloaded" && seen["error"]?["message"]?.string == "too much")
        #expect(hook.visits.count == 1)
    }

    @Test func `a hook says who is asked next, also where the host would ask nobody`() async throws {
        let hook = FakeHook(at: .attemptFailed, .replace(Array(#"{"model":"f"}"#.utf8)))
        let refusing = failing("bad", GatewayError(.invalidRequest, "no"))
        let gateway = Gateway(refusing, others: ["f": fine], hooks: hook)
        #expect(try await gateway.turn(.user("q")).text == "fine")
        #expect(hook.visits.first?.json?["next"]?.isNull == true)
        let events = try await gateway.outcome(of: .user("q")).get()
        #expect(events.final?.text == "fine")
    }

    @Test func `a request is sent elsewhere 8 times at most`() async throws {
        let bad = failing("bad")
        let hook = FakeHook(at: .attemptFailed, .replace(Array(#"{"model":"m"}"#.utf8)))
        let entry = HookEntry(hook, onError: .failOpen, budget: .seconds(60))
        let gateway = Gateway(bad, entries: [entry])
        let error = await #expect(throws: GatewayError.self) { try await gateway.turn(.user("q")) }
        #expect(error == Self.overloaded)
        #expect(bad.bodies.count == 9)
        #expect(entry.counts.failures == 1)
    }

    @Test func `a hook ends the request with its own error, or answers itself`() async throws {
        let rejecting = FakeHook(at: .attemptFailed, .reject(GatewayError(.overloaded, "Come back.", code: "busy")))
        let error = await #expect(throws: GatewayError.self) {
            try await Gateway(failing("bad"), others: ["f": fine], fallbacks: ["f"], hooks: rejecting).turn(.user("q"))
        }
        #expect(error?.code == "busy" && fine.bodies.isEmpty)
        let answering = FakeHook(
            at: .attemptFailed, .answer(HookAnswer(events: [.text("sorry")], outcome: .stop)))
        let gateway = Gateway(failing("bad"), hooks: answering)
        #expect(try await gateway.turn(.user("q")).text == "sorry")
        #expect(try await gateway.outcome(of: .user("q")).get().deltas == ["sorry"])
    }

    @Test func `a provider that fails after its first word is no failed attempt`() async throws {
        let hook = FakeHook(at: .attemptFailed, .proceed)
        let provider = ScriptedProvider { _, _ in ([.text("a")], ProviderEnd(.failed(Self.overloaded))) }
        let gateway = Gateway(provider, others: ["f": fine], fallbacks: ["f"], hooks: hook)
        let events = try await gateway.outcome(of: .user("q")).get()
        #expect(events.final?.status == .failed && events.error == Self.overloaded)
        #expect(hook.visits.isEmpty)
    }

    @Test func `truncation comes first: one provider's tries are one attempt`() async throws {
        let hook = FakeHook(at: .attemptFailed, .proceed)
        let provider = ScriptedProvider { _, attempt in
            attempt < 2 ? ([], .tooLong) : ([.text("x")], ProviderEnd(.stop))
        }
        let gateway = Gateway(provider, store: nil, hooks: hook)
        var request = Request.items([.user("1"), .json(#"{"role":"assistant","content":"a"}"#), .user("2")])
        request.fields["truncation"] = Array(#""auto""#.utf8)
        #expect(try await gateway.turn(request).text == "x")
        #expect(hook.visits.isEmpty && provider.bodies.count == 2)
    }
}
