import Foundation
import Testing

/// Streams that are taken up again, over sockets and from the real stores.
@Suite("Resume")
struct ResumeTests {
    static let models = [
        "echo", "reason", "refuse", "tool", "tools", "parts", "item", "length", "filter", "fail_after", "silent",
        "unicode",
        "logprobs", "annotations",
    ]

    static let tool: JSON = [
        "type": "function", "name": "weather",
        "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
    ]

    @Test("a stream that has ended is given again to the byte, after each of its events", arguments: Setup.stores)
    func everyNumber(setup: Setup) throws {
        let server = try ServerProcess(setup)
        for model in Self.models {
            let fields: JSON = ["tools": [Self.tool], "top_logprobs": 1, "background": .bool(model == "parts")]
            let stream = try server.open(model, "What is well?", fields).all()
            let id = try #require(stream.first?.json["response"]?["id"]?.string)
            let final = try StreamRules.check(stream)
            #expect(try server.get("/v1/responses/\(id)").json == final)
            #expect(try server.resume(id).all().frames == stream.frames, "\(model)")
            for number in stream.indices {
                let rest = try server.resume(id, after: number).all()
                #expect(rest.frames == stream[(number + 1)...].map(\.self).frames, "\(model) after \(number)")
            }
            #expect(try server.resume(id, after: stream.count + 100).all().isEmpty)
        }
    }

    @Test("a response that wasn't streamed has a stream by the rules, the same each time", arguments: Setup.stores)
    func notStreamed(setup: Setup) throws {
        let server = try ServerProcess(setup)
        for model in Self.models where model != "fail_after" {
            let answer = try server.respond(model, "What is well?", ["tools": [Self.tool]])
            let stream = try server.resume(answer.id).all()
            #expect(try StreamRules.check(stream) == answer.json, "\(model)")
            let middle = stream.count / 2
            #expect(
                try server.resume(answer.id, after: middle).all().frames == stream[(middle + 1)...].map(\.self).frames)
        }
    }

    @Test("a client that lost its connection takes the stream up where it was", arguments: Setup.stores)
    func dropped(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let first = try server.open("slow", "one two three four five six every 100", ["background": true])
        let seen = try first.read { $0.name == "response.output_text.delta" }
        let id = try #require(seen.first?.json["response"]?["id"]?.string)
        #expect(seen.prefix(3).map(\.name) == ["response.created", "response.queued", "response.in_progress"])
        first.connection.socket.reset()
        // And once more, from the middle.
        let second = try server.resume(id, after: seen.count - 1)
        let more = try second.read { $0.name == "response.output_text.delta" }
        second.connection.socket.reset()
        let rest = try server.resume(id, after: seen.count + more.count - 1).all()
        let final = try StreamRules.check(seen + more + rest)
        #expect(final["status"] == "completed")
        #expect(try server.resume(id).all().frames == (seen + more + rest).frames)
        #expect(try server.get("/v1/responses/\(id)").json == final)
    }

    @Test("many readers follow a running stream at once, each from its own place", arguments: Setup.stores)
    func readers(setup: Setup) async throws {
        let server = try ServerProcess(setup)
        let words = (1...40).map { "word\($0)" }.joined(separator: " ")
        let writer = try server.open("slow", .string(words + " every 20"), ["background": true])
        let begin = try writer.read { $0.json["delta"] == " word3" }
        let id = try #require(begin.first?.json["response"]?["id"]?.string)
        let streams = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for reader in 0..<8 {
                group.addTask { (reader * 6, try server.resume(id, after: reader * 6).all().frames) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let whole = begin + (try writer.all())
        _ = try StreamRules.check(whole)
        for (number, frames) in streams { #expect(frames == Array(whole.frames[(number + 1)...]), "after \(number)") }
    }

    @Test("a stream of the foreground is followed as well, and outlives its client where that is configured")
    func foreground() throws {
        let server = try ServerProcess(Setup().with(sections: "server: {on_disconnect: finish}"))
        let writer = try server.open("slow", "one two three four every 100")
        let begin = try writer.read { $0.name == "response.output_text.delta" }
        let id = try #require(begin.first?.json["response"]?["id"]?.string)
        let reader = try server.resume(id)
        #expect(try (0..<begin.count).compactMap { _ in try reader.next() }.frames == begin.frames)
        writer.connection.socket.reset()
        let rest = try reader.all()
        #expect(try StreamRules.check(begin + rest)["status"] == "completed")
    }

    @Test("a reader that doesn't read holds up neither the response nor other readers", arguments: Setup.stores)
    func slowReader(setup: Setup) throws {
        let server = try ServerProcess(setup)
        let id = try server.begin("long", "count 30000").id
        let connection = try HTTPConnection(server, receiveBuffer: 4096)
        try connection.send("GET", "/v1/responses/\(id)?stream=true")
        _ = try connection.readHead()
        let whole = try server.resume(id).all()
        #expect(try server.ended(id).json["status"] == "completed")
        #expect(try EventReader(connection).all().frames == whole.frames)
        #expect(whole.count > 30000)
    }

    @Test("from another server on the same file: what runs is followed to its end, what has ended is given again")
    func anotherServer() throws {
        let setup = Setup(store: .sqlite).with(storage: "  checkpoint_interval: 50ms\n")
        let first = try ServerProcess(setup)
        let second = try ServerProcess(setup.yaml, in: first.folder)
        let writer = try first.open("slow", "one two three four five six seven every 200", ["background": true])
        let begin = try writer.read { $0.name == "response.output_text.delta" }
        let id = try #require(begin.first?.json["response"]?["id"]?.string)
        let reader = try second.resume(id, after: 1)
        // While it runs there.
        let seen = try reader.read { $0.name == "response.output_text.delta" }
        #expect(["queued", "in_progress"].contains(try first.get("/v1/responses/\(id)").json["status"]))
        let (rest, whole) = (try reader.all(), begin + (try writer.all()))
        #expect((seen + rest).frames == whole[2...].map(\.self).frames)
        #expect(try second.resume(id).all().frames == whole.frames)
        #expect(try second.get("/v1/responses/\(id)").json == (try StreamRules.check(whole)))
        #expect(try second.respond("count", "on", after: id).text == "3 items: user assistant user")
    }

    @Test("a stream that ended in an older life of the server is given again to the byte", arguments: [false, true])
    func afterCrash(background: Bool) throws {
        let server = try ServerProcess(Setup(store: .sqlite))
        let stream = try server.open("reason", "one two", ["background": .bool(background)]).all()
        let id = try #require(stream.first?.json["response"]?["id"]?.string)
        server.kill()
        try server.startAgain()
        #expect(try server.resume(id).all().frames == stream.frames)
        #expect(try server.resume(id, after: 5).all().frames == stream[6...].map(\.self).frames)
    }

    @Test("what can't be resumed is refused before the stream")
    func refused() throws {
        let server = try ServerProcess(Setup().with(storage: "  limits: {stream_shape: 100B}\n"))
        let never = try server.get("/v1/responses/resp_\(String(repeating: "0", count: 48))?stream=true")
        #expect(never.status == 404)
        let unkept = try server.respond("echo", "x", streamed: true, ["store": false])
        #expect(try server.get("/v1/responses/\(unkept.id)?stream=true").status == 404)
        let running = try server.open("slow", "one two three every 60000", ["stream": true])
        let id = try #require(try running.next()?.json["response"]?["id"]?.string)
        #expect(try server.get("/v1/responses/\(id)").json["status"] == "in_progress")
        for query in [
            "stream=true&starting_after=-1", "stream=true&starting_after=x", "starting_after=1", "stream=maybe",
        ] {
            #expect(try server.get("/v1/responses/\(id)?\(query)").status == 400, "\(query)")
        }
        let long = try server.respond("long", "count 200", streamed: true)
        let lost = try server.get("/v1/responses/\(long.id)?stream=true")
        #expect(lost.status == 400)
        #expect(lost.error["code"] == "stream_not_kept")
        let deleted = try server.respond("echo", "x", streamed: true)
        #expect(try server.delete("/v1/responses/\(deleted.id)").status == 200)
        #expect(try server.get("/v1/responses/\(deleted.id)?stream=true").status == 404)
    }
}
