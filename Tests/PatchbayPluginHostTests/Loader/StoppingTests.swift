import CPatchbay
import Logging
import NIOCore
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct StoppingTests {
    @Test func `stopping cancels what runs, waits for it, and stops in reverse`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("s text=a")
        await bench.host.stop()
        #expect(try await call.outcome.error?.kind == .cancelled)
        #expect(fixture.count("reason") == PBAY_CANCEL_SHUTDOWN)
        #expect(fixture.count("releases") == 1)
        #expect(fixture.count("stops") == 1)
        #expect(fixture.count("destroys") == 1)
        #expect(bench.host.plugins.isEmpty)
    }

    @Test func `draining waits for what runs, and takes no longer than it may`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("t wait finish")
        #expect(await bench.host.drain(timeout: .milliseconds(5)) == false)
        #expect(fixture.count("drains") == 1)
        async let drained = bench.host.drain(timeout: .seconds(60))
        fixture.go()
        #expect(await drained)
        #expect(try await call.outcome.error == nil)
        await bench.host.stop()
    }

    @Test func `a plugin that holds on to a call is stopped all the same`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture, PluginHostSettings(stopTimeout: .milliseconds(500)))
        let call = try await bench.begin("t stubborn hold")
        await bench.host.stop()
        #expect(try await call.outcome.error?.kind == .cancelled)
        #expect(fixture.count("releases") == 0)
        #expect(fixture.count("destroys") == 1)
        #expect(bench.log.lines.contains { $0.message == "a plugin still holds calls and is stopped all the same" })
        #expect(fixture.push(fixture.stream) == PBAY_CLOSED)
    }

    @Test func `a plugin that hangs in stop is logged and left behind, and the others are stopped`() async throws {
        let good = try Fixture("provider")
        let hanging = try Fixture("provider", ["HANGS_IN_STOP"])
        let bench = Bench(PluginHostSettings(stopTimeout: .milliseconds(500)))
        try await bench.host.load([
            PluginDescription(name: "good", library: good.path), PluginDescription(name: "bad", library: hanging.path),
        ])
        await bench.host.stop()
        #expect(hanging.count("destroys") == 0)
        #expect(good.count("destroys") == 1)
        let line = bench.log.lines.first { $0.message == "a plugin hangs and is left behind" }
        #expect(line?.metadata["plugin"] == "bad")
        #expect(line?.metadata["function"] == "stop")
        hanging.go()
    }

    @Test func `a stopped plugin takes no calls`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let provider = try bench.host.provider(named: "p")
        await bench.host.stop()
        let loop = bench.loop
        await #expect(throws: GatewayError.self) {
            try await loop.submit {
                let recorder = Recorder(on: loop)
                recorder.ended.succeed()
                _ = try provider.begin(
                    .init(body: [], model: "s finish", conversation: "", stream: true, timeout: nil), on: loop,
                    receiver: recorder)
            }.get()
        }
        #expect(fixture.count("begins") == 0)
    }
}
