import Foundation
import Testing

/// Responses of the background over sockets, with the real stores, plugins and processes.
@Suite("Background")
struct BackgroundTests {
    /// One at a time, so that the next one waits.
    static let one = "background: {max_running: 1, max_queued: 1}"

    @Test("it is queued, in progress and completed, as polling shows", arguments: Setup.stores)
    func polling(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Self.one))
        let first = try server.begin("hang", "x")
        let second = try server.begin("slow", "one two three every 100", ["metadata": ["a": "b"]])
        #expect(second.json["status"] == "queued")
        #expect(second.json["background"] == true)
        try server.poll(first.id) { $0.json["status"] == "in_progress" && $0.text == "Waiting" }
        #expect(try server.get("/v1/responses/\(second.id)").json == second.json)
        #expect(try server.cancel(first.id).json["status"] == "cancelled")
        try server.poll(second.id) { $0.json["status"] == "in_progress" && $0.text.hasPrefix("one") }
        let ended = try server.ended(second.id)
        #expect(ended.json["status"] == "completed")
        #expect(ended.text == "one two three every 100")
        #expect(ended.json["metadata"] == ["a": "b"])
        #expect(ended.json["created_at"] == second.json["created_at"])
        #expect(ended.json["usage"]?["output_tokens"] == 5)
        #expect(try server.respond("count", "on", after: second.id).text == "3 items: user assistant user")
        #expect(try server.get("/v1/responses/\(second.id)/input_items").json["data"]?.elements.count == 1)
    }

    @Test("a full queue is a 429 that says when to come again, and stores nothing", arguments: Setup.stores)
    func full(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Self.one))
        let running = try server.begin("hang", "x")
        let waiting = try server.begin("hang", "x")
        for streamed in [false, true] {
            let refused = try server.respond("echo", "x", streamed: streamed, ["background": true])
            #expect(refused.status == 429)
            #expect(refused.error["code"] == "background_queue_full")
            #expect(refused.error["param"] == "background")
            #expect((refused.headers["retry-after"].flatMap { Int($0) } ?? 0) > 0)
        }
        #expect(try server.respond("echo", "the foreground goes on").status == 200)
        #expect(try server.cancel(waiting.id).json["status"] == "cancelled")
        #expect(try server.begin("hang", "x").json["status"] == "queued")
        #expect(try server.cancel(running.id).json["status"] == "cancelled")
    }

    @Test("cancelling ends the provider's connection, again and again gives the same, and all readers see the end")
    func cancelReachesProvider() async throws {
        let upstream = try ScriptedUpstream()
        let (closed, whenClosed) = AsyncStream<Bool>.makeStream()
        upstream.answer { connection in
            try connection.send(
                ScriptedUpstream.streamHead + ScriptedUpstream.events([UpstreamTests.chunk(#"{"content":"Well"}"#)]))
            whenClosed.yield((try? connection.receive())?.isEmpty ?? true)
        }
        let server = try UpstreamTests.server(upstream, idle: "60s")
        let id = try server.begin("mine", "x").id
        try server.poll(id) { $0.text == "Well" }
        let reader = try server.resume(id)
        _ = try reader.next()
        let cancelled = try server.cancel(id)
        #expect(cancelled.status == 200)
        #expect(cancelled.json["status"] == "cancelled")
        #expect(cancelled.text == "Well")
        var ends = closed.makeAsyncIterator()
        #expect(await ends.next() == true)
        #expect(try server.cancel(id).json == cancelled.json)
        #expect(try server.get("/v1/responses/\(id)").json == cancelled.json)
        #expect(try reader.all().last?.json["response"] == cancelled.json)
        #expect(try server.respond("mine", "on", after: id).status == 400)
    }

    @Test("cancelling one that has ended, and one that was never in the background", arguments: Setup.stores)
    func cancelEnded(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let id = try server.begin("echo", "x").id
        let ended = try server.ended(id)
        #expect(try server.cancel(id).json == ended.json)
        let plain = try server.respond("echo", "x")
        let refused = try server.cancel(plain.id)
        #expect(refused.status == 400)
        #expect(refused.error["code"] == "response_not_background")
        #expect(try server.get("/v1/responses/\(plain.id)").json == plain.json)
    }

    @Test("another server on the same file cancels what this one makes, truly")
    func cancelElsewhere() throws {
        let setup = Setup(store: .sqlite).with(
            storage: "  checkpoint_interval: 50ms\n", sections: "server: {shutdown: {drain: 1h}}")
        let first = try ServerProcess(setup)
        let second = try ServerProcess(setup.yaml, in: first.folder)
        let stream = try first.open("hang", "x", ["background": true])
        let id = try #require(try stream.next()?.json["response"]?["id"]?.string)
        try second.poll(id) { $0.json["status"] == "in_progress" && $0.text == "Waiting" }
        #expect(try second.cancel(id).json["status"] == "cancelled")
        // The stream ends there, and with it the provider: with a call left, the drain would take its hour.
        #expect(try stream.all().last?.json["response"]?["status"] == "cancelled")
        #expect(try first.get("/v1/responses/\(id)").json == (try second.get("/v1/responses/\(id)").json))
        #expect(first.terminate() == 0)
    }

    @Test("another server on the same file, ended by a crash, leaves nothing in limbo for this one")
    func crashElsewhere() throws {
        let first = try ServerProcess(Setup(store: .sqlite))
        let second = try ServerProcess(Setup(store: .sqlite).yaml, in: first.folder)
        let id = try first.begin("hang", "x").id
        #expect(["queued", "in_progress"].contains(try second.get("/v1/responses/\(id)").json["status"]))
        first.kill()
        let left = try second.get("/v1/responses/\(id)")
        #expect(left.json["status"] == "failed")
        #expect(left.json["error"]?["code"] == "response_interrupted")
        #expect(try second.cancel(id).json == left.json)
        _ = try StreamRules.check(try second.resume(id).all())
    }

    @Test(
        "a crash with one that runs and one that waits: they have failed, or are made anew",
        arguments: ["fail", "restart"])
    func crash(policy: String) throws {
        let server = try ServerProcess(
            Setup(store: .sqlite).with(
                sections: "background: {max_running: 1, max_queued: 5, on_restart: \(policy)}"))
        let text = "one two three four every 200"
        let ids = [try server.begin("slow", .string(text)).id, try server.begin("slow", .string(text)).id]
        try server.poll(ids[0]) { $0.json["status"] == "in_progress" }
        #expect(try server.get("/v1/responses/\(ids[1])").json["status"] == "queued")
        server.kill()
        try server.startAgain()
        for id in ids {
            // At once where they have failed.
            let answer = policy == "fail" ? try server.get("/v1/responses/\(id)") : try server.ended(id)
            #expect(answer.json["status"] == (policy == "fail" ? "failed" : "completed"))
            #expect(answer.json["error"]?["code"] == (policy == "fail" ? "response_interrupted" : nil))
            #expect(answer.text == (policy == "fail" ? answer.text : text))
            #expect(try StreamRules.check(try server.resume(id).all()) == answer.json)
            #expect(try server.cancel(id).json == answer.json)
        }
        #expect(server.terminate() == 0)
        try server.startAgain()
        #expect(
            try ids.map { try server.get("/v1/responses/\($0)").json["status"] }
                == ids.map { _ in policy == "fail" ? "failed" : "completed" })
    }

    @Test(
        "SIGTERM lets what runs end; what waits has failed, or is for the next start", arguments: ["fail", "restart"])
    func drain(policy: String) throws {
        let server = try ServerProcess(
            Setup(store: .sqlite).with(
                sections: "background: {max_running: 1, max_queued: 5, on_restart: \(policy)}"))
        let running = try server.begin("slow", "one two three every 100").id
        let waiting = try server.begin("echo", "later").id
        try server.poll(running) { $0.json["status"] == "in_progress" }
        #expect(server.terminate() == 0)
        try server.startAgain()
        #expect(try server.get("/v1/responses/\(running)").json["status"] == "completed")
        #expect(try server.ended(waiting).json["status"] == (policy == "fail" ? "failed" : "completed"))
    }

    @Test("SIGTERM ends what runs on past the drain's time", arguments: ["fail", "restart"])
    func drainTooLong(policy: String) throws {
        let server = try ServerProcess(
            Setup(store: .sqlite).with(
                sections: "server: {shutdown: {drain: 100ms}}\nbackground: {on_restart: \(policy)}"))
        let id = try server.begin("hang", "x").id
        try server.poll(id) { $0.text == "Waiting" }
        #expect(server.terminate() == 0)
        try server.startAgain()
        if policy == "fail" {
            #expect(try server.get("/v1/responses/\(id)").json["status"] == "failed")
        } else {
            try server.poll(id) { $0.json["status"] == "in_progress" && $0.text == "Waiting" }
            #expect(try server.cancel(id).json["status"] == "cancelled")
        }
    }

    @Test("another key gets on each verb what it gets for an id that never was", arguments: Setup.stores)
    func strangers(setup: Setup) throws {
        let server = try ServerProcess(setup.with(sections: Setup.keys))
        let id = try server.begin("hang", "x", key: "key-of-team-a").id
        let unknown = "resp_" + String(repeating: "0", count: id.count - 5)
        func same(_ ask: (String) throws -> Answer) throws {
            let (foreign, never) = (try ask(id), try ask(unknown))
            #expect(foreign.status == 404)
            #expect(never.status == 404)
            #expect(foreign.json.text.replacing(id, with: unknown) == never.json.text)
        }
        try same { try server.get("/v1/responses/\($0)", key: "key-of-team-b") }
        try same { try server.cancel($0, key: "key-of-team-b") }
        try same { try server.get("/v1/responses/\($0)?stream=true", key: "key-of-team-b") }
        try same { try server.get("/v1/responses/\($0)?stream=true&starting_after=1", key: "key-of-team-b") }
        try same { try server.delete("/v1/responses/\($0)", key: "key-of-team-b") }
        #expect(
            ["queued", "in_progress"].contains(
                try server.get("/v1/responses/\(id)", key: "key-of-team-a").json["status"]))
        #expect(try server.cancel(id, key: "key-of-team-a").json["status"] == "cancelled")
        try same { try server.cancel($0, key: "key-of-team-b") }
    }

    @Test("without a store or with store: false there is no background")
    func unstored() throws {
        let stored = try ServerProcess(Setup(store: .memory)).respond(
            "echo", "x", ["background": true, "store": false])
        #expect(stored.status == 400)
        #expect(stored.error["param"] == "background")
        let answer = try ServerProcess(Setup(store: nil)).respond("echo", "x", ["background": true])
        #expect(answer.status == 400)
        #expect(answer.error["code"] == "storage_not_configured")
    }

    @Test("one that runs can be neither continued nor deleted unnoticed", arguments: Setup.stores)
    func running(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let id = try server.begin("hang", "x").id
        let next = try server.respond("echo", "x", after: id)
        #expect(next.status == 400)
        #expect(next.error["code"] == "previous_response_running")
        #expect(try server.cancel(id).json["status"] == "cancelled")
        #expect(try server.delete("/v1/responses/\(id)").status == 200)
        #expect(try server.get("/v1/responses/\(id)").status == 404)
    }
}
