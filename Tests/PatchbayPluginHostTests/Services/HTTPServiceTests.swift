import CPatchbay
import PatchbayLifecycle
import PatchbayModel
import Testing

@testable import PatchbayPluginHost

@Suite struct HTTPServiceTests {
    private let three = "data: a\n\ndata: b\n\ndata: c\n\n"

    @Test func `an exchange's head and events reach the plugin, and its end comes once`() async throws {
        let server = try await WebServer(body: three)
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s http=\(server.url)")
        #expect(outcome.text == "status 200 type 1|abc")
        #expect(outcome.error == nil)
        #expect(outcome.violations == [])
        await fixture.reaches("releases", 1)
        #expect(fixture.count("http_done") == 1)
        #expect(fixture.answers.last == 1000 + PBAY_HTTP_OK)
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
        try await server.close()
    }

    @Test func `a paused stream pauses its exchange, and loses nothing`() async throws {
        let events = (0..<200).map { "data: <\($0)>\n\n" }.joined()
        let server = try await WebServer(body: events)
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let call = try await bench.begin("s http=\(server.url)") {
            $0.pausesAt = [3]
            $0.resumes = false
        }
        try await eventually("the reader pauses") { try await call.with { $0.isPaused } }
        for _ in 0..<10 { try await bench.settle() }
        #expect(try await call.with { $0.events.count } == 4)
        #expect(fixture.count("http_done") == 0)
        try await call.with { $0.resume() }
        let outcome = try await call.outcome
        #expect(outcome.text == "status 200 type 1|" + (0..<200).map { "<\($0)>" }.joined())
        #expect(outcome.violations == [])
        await bench.host.stop()
        try await server.close()
    }

    @Test func `a cancelled stream cancels its exchange, and is released after the exchange's end`() async throws {
        let server = try await WebServer(body: three, ends: false)
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s http=\(server.url)") { $0.cancelsAt = 2 }
        #expect(outcome.error?.kind == .cancelled)
        await fixture.reaches("releases", 1)
        #expect(fixture.count("http_done") == 1)
        #expect(fixture.answers.last == 1000 + PBAY_HTTP_CANCELLED)
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
        try await server.close()
    }

    @Test func `a plugin that ends inside an event hears of no other, only of the exchange's end`() async throws {
        let server = try await WebServer(body: "data: a\n\nevent: last\ndata: b\n\ndata: c\n\n", ends: false)
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s http=\(server.url)")
        #expect(outcome.text == "status 200 type 1|ab")
        #expect(outcome.error == nil)
        await fixture.reaches("releases", 1)
        #expect(fixture.count("http_done") == 1)
        #expect(fixture.answers.last == 1000 + PBAY_HTTP_CANCELLED)
        #expect(fixture.count("misuse") == 0)
        await bench.host.stop()
        try await server.close()
    }

    @Test func `a request that can't be sent is refused at once`() async throws {
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s http=ftp://example.org")
        #expect(outcome.error?.kind == .invalidRequest)
        #expect(fixture.answers == [PBAY_EINVALID])
        await fixture.reaches("releases", 1)
        #expect(fixture.count("http_done") == 0)
        await bench.host.stop()
    }

    @Test func `an upstream that refuses the connection is told as such`() async throws {
        let server = try await WebServer(body: three)
        let url = server.url
        try await server.close()
        let fixture = try Fixture("provider")
        let bench = try await Bench.with(fixture)
        let outcome = try await bench.run("s http=\(url)")
        #expect(outcome.error?.kind == .provider)
        await fixture.reaches("releases", 1)
        #expect(fixture.answers == [0, 1000 + PBAY_HTTP_REFUSED])
        await bench.host.stop()
    }
}
