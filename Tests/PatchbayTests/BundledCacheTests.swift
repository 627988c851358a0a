import Foundation
import Testing

/// Cache in the server: hits that are like the first answer, one asking for all who ask at once, and none for others.
@Suite("Bundled hooks: Cache")
struct BundledCacheTests {
    private static func server(_ config: String = "{wait: 30s, tool_calls: true}", sections: String = "") throws
        -> ServerProcess
    {
        try HookSetup(hooks: [(.cache, config)], sections: sections, options: ", budget: 60s").start()
    }

    @Test(
        "a hit streams what the first answer streamed, but for ids and times",
        arguments: [
            "echo", "reason", "refuse", "parts", "item", "annotations", "logprobs", "unicode", "tool", "tools",
            "silent",
        ])
    func bytes(model: String) throws {
        let server = try Self.server()
        let fields: JSON = ["tools": [ResumeTests.tool]]
        let first = try server.respond(model, "the first words", streamed: true, fields)
        let again = try server.respond(model, "the first words", streamed: true, fields)
        #expect(again.id != first.id)
        #expect(Transcript.normalised(again.events) == Transcript.normalised(first.events))
        let whole = try server.respond(model, "the first words", fields)
        #expect(whole.text == first.text && whole.json["usage"] == first.json["usage"])
        #expect(whole.json["output"]?.elements.count == first.json["output"]?.elements.count)
        #expect(try server.get("/v1/responses/\(again.id)").json == again.json)
        let counts = try server.counts(of: .cache)
        #expect(counts["failures"] == 0 && counts["timeouts"] == 0)
    }

    /// An upstream that says how many it was asked, and waits for `release` before it does.
    private final class Counting: @unchecked Sendable {
        let upstream: ScriptedUpstream
        private let condition = NSCondition()
        private var isOpen: Bool
        private var asked = 0

        init(isOpen: Bool) throws {
            self.isOpen = isOpen
            upstream = try ScriptedUpstream()
            upstream.reply { [unowned self] connection, request in
                condition.lock()
                asked += 1
                let number = asked
                while !self.isOpen { condition.wait() }
                condition.unlock()
                guard request.contains("\"stream\":true") else {
                    let whole = UpstreamTests.whole.replacing(UpstreamTests.text, with: "answer \(number)")
                    return try connection.send(ScriptedUpstream.reply("200 OK", body: whole))
                }
                let end = [UpstreamTests.chunk("{}", finish: #""stop""#), "[DONE]"]
                try connection.send(
                    ScriptedUpstream.streamHead
                        + ScriptedUpstream.events([UpstreamTests.chunk(#"{"content":"answer \#(number)"}"#)] + end))
            }
        }

        func release() {
            condition.lock()
            isOpen = true
            condition.broadcast()
            condition.unlock()
        }

        func server(_ sections: String = "") throws -> ServerProcess {
            try ServerProcess(
                """
                plugins:
                  - name: upstream
                    library: libpatchbay_openai.so
                    config: {base_url: "http://127.0.0.1:\(upstream.port)/v1", api: chat_completions, api_key: k}
                  - {name: cache, library: libpatchbay_cache.so, config: {wait: 50s}}
                models: [{name: "*", provider: upstream}]
                hooks: [{plugin: cache, budget: 60s}]
                \(sections)
                """)
        }
    }

    @Test("twenty clients that ask the same at once ask the provider once")
    func singleFlight() throws {
        let counting = try Counting(isOpen: false)
        let server = try counting.server()
        // Threads of their own: a task would wait for its turn behind tests that block, while the clients' time runs.
        let clients = (0..<20).map { number in
            ClientThread { try server.respond("m", "the same", streamed: number % 2 == 0) }
        }
        // Each request is seen at three points; then all of them are at the cache, and one at the upstream.
        let deadline = Date(timeIntervalSinceNow: 30)
        while try server.counts(of: .cache)["visits"]?.int ?? 0 < 60 {
            guard Date() < deadline else { throw TestFailure(try server.get("/plugins").json.text) }
        }
        counting.release()
        let answers = try clients.map { try $0.value() }
        #expect(answers.map(\.text) == Array(repeating: "answer 1", count: 20))
        #expect(Set(answers.map(\.id)).count == 20)
        #expect(counting.upstream.requests.count == 1)
    }

    @Test("an owner isn't given another's answer, and what differs in any field asks again")
    func apart() throws {
        let counting = try Counting(isOpen: true)
        let server = try counting.server(Setup.keys)
        func ask(_ key: String, _ fields: JSON = [:]) throws -> String {
            try server.respond("m", "hello", key: "key-of-team-" + key, fields).text
        }
        #expect(try ask("a") == "answer 1")
        #expect(try ask("b") == "answer 2")
        #expect(try ask("a") == "answer 1")
        #expect(try ask("a", ["temperature": 0.5]) == "answer 3")
        #expect(try ask("a", ["instructions": "Be brief."]) == "answer 4")
        #expect(try ask("a", ["metadata": ["a": "b"], "user": "me"]) == "answer 1")
        #expect(try ask("b", ["store": false]) == "answer 2")
    }

    @Test("patchbay plugins shows its hits and misses")
    func hits() throws {
        let server = try Self.server()
        for _ in 0..<3 { #expect(try server.respond("echo", "x").status == 200) }
        let run = try Product.run(
            Product.binary,
            ["plugins", "--config", server.folder.path + "/config.yaml", "--port", "\(server.port)"])
        #expect(run.output.contains("\n  health      healthy: 2 hits, 1 misses, 1 entries, "), "\(run.output)")
    }

    @Test("failures and answers that were cut aren't kept")
    func notKept() throws {
        let server = try Self.server()
        for _ in 0..<2 {
            #expect(try server.respond("fail", "ratelimit").status == 429)
            #expect(try server.respond("length", "a b c d").json["status"] == "incomplete")
            #expect(try server.respond("fail_after", "a b c", streamed: true).json["status"] == "failed")
        }
        let counts = try server.counts(of: .cache)
        #expect(counts["failures"] == 0 && counts["rejections"] == 0)
    }

    @Test("history counts: the same question in another conversation is another")
    func history() throws {
        let server = try Self.server()
        let one = try server.respond("echo", "one")
        let two = try server.respond("echo", "two")
        let afterOne = try server.respond("dump", "and?", after: one.id)
        let afterTwo = try server.respond("dump", "and?", after: two.id)
        #expect(afterOne.text.contains("one") && afterTwo.text.contains("two") && !afterTwo.text.contains("one"))
        #expect(try server.respond("dump", "and?", after: one.id).text == afterOne.text)
    }
}
