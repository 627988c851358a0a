import CPatchbay
import NIOCore
import PatchbayLifecycle
import Testing

@testable import PatchbayPluginHost

@Suite struct HookTableTests {
    private func failure(_ defines: [String]) async throws -> String? {
        let fixture = try Fixture("hook", defines)
        do {
            let bench = try await Bench.with(fixture)
            await bench.host.stop()
            return nil
        } catch let error as PluginErrors {
            #expect(error.errors.map(\.kind) == [.malformed])
            return error.errors.first?.message
        }
    }

    private static let prefix = "it breaks the rules of the plugin ABI: "

    @Test func `a table without visit is refused`() async throws {
        #expect(try await failure(["NO_VISIT"]) == Self.prefix + "visit of pbay_hooks is null")
    }

    @Test func `a table that is too small is refused`() async throws {
        #expect(
            try await failure(["SIZE=40"]) == Self.prefix + "pbay_hooks has the size 40, at least 48 is needed")
        #expect(
            try await failure(["SIZE=0"]) == Self.prefix + "pbay_hooks has the size 0, at least 48 is needed")
    }

    @Test func `bits that mean nothing are refused, in points, events and flags`() async throws {
        #expect(
            try await failure(["POINTS=0x401"])
                == Self.prefix + "points of pbay_hooks has bits that mean nothing: 0x400")
        #expect(
            try await failure(["EVENTS=0xFFFFFFFF"])
                == Self.prefix + "events of pbay_hooks has bits that mean nothing: 0x1")
        #expect(
            try await failure(["FLAGS=6"]) == Self.prefix + "flags of pbay_hooks has bits that mean nothing: 0x6")
    }

    @Test func `a larger table of a newer minor is taken`() async throws {
        #expect(try await failure(["SIZE=4096"]) == nil)
    }

    @Test func `a hook tells where it wants to be visited`() async throws {
        let bench = try await HookBench(["POINTS=(PBAY_POINT_ROUTE|PBAY_POINT_EVENTS)", "EVENTS=PBAY_EVENT_BIT(1)"])
        let hook = try bench.bench.host.hook(named: "p")
        #expect(hook.name == "p")
        #expect(HookPoint.allCases.filter { hook.interest.contains($0) } == [.route, .events])
        #expect(hook.interest.contains(.text("a")))
        #expect(!hook.interest.contains(.refusal("a")))
        #expect(bench.bench.host.plugins.first?.interfaces == ["patchbay.hooks/1"])
        await bench.end()
    }

    @Test func `a plugin that is no hook isn't one`() async throws {
        let bench = try await Bench.with(try Fixture("provider"))
        let error = #expect(throws: PluginError.self) { try bench.host.hook(named: "p") }
        #expect(error?.kind == .missingInterface)
        #expect(
            error?.message
                == "it is used as a hook, but it isn't one: it offers patchbay.provider/1")
        #expect(throws: PluginError.self) { try bench.host.hook(named: "q") }
        await bench.host.stop()
    }

    @Test func `a hook without open, cancel and close is visited all the same`() async throws {
        // The fixture's visit needs a state: `stress` is asked for by none.
        let fixture = try Fixture("hook", ["NO_CLOSE"])
        let bench = try await Bench.with(fixture)
        let hook = try bench.host.hook(named: "p")
        let loop = bench.loop
        try await loop.submit {
            let session = try hook.open(
                HookedRequest(
                    id: "r", owner: "", model: "defer", isStreamed: false, isBackground: false, isStored: false,
                    strand: loop, services: HookServicesBook()))
            #expect(session.visit(HookVisit(.request)) { _ in } == nil)
            session.cancel()
            session.close()
        }.get()
        #expect(fixture.push(fixture.stream) == PBAY_CLOSED)
        await eventually("it is closed") { bench.host.plugins.first?.calls == 0 }
        await bench.host.stop()
        #expect(fixture.count("visits") == 1)
    }
}
