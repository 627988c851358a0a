import NIOCore
import PatchbayLifecycle
import PatchbayServer
import Testing

private typealias S = RunningServer

@Suite("Streams", .timeLimit(.minutes(3)))
struct StreamTests {
    @Test("each event is there before the next is made")
    func spaced() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(S.streamed)
            let call = await server.provider.nextCall()
            for word in ["one", "two", "three"] {
                try await call.say(word)
                try await client.skip(past: #""delta":"\#(word)""#)
            }
            try await call.end()
            try await client.skip(past: "event: response.completed\n")
        }
    }

    @Test("a client that goes away while the provider is silent ends the call")
    func disconnect() async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(S.streamed)
            let call = await server.provider.nextCall()
            try await call.say("one")
            try await client.skip(past: "one")
            try await client.close()
            #expect(try await call.cancelled() == .clientGone)
        }
    }

    @Test(
        "so does one that goes away before the first event, and one that waits for a whole answer",
        arguments: [true, false])
    func earlyDisconnect(streamed: Bool) async throws {
        try await S.with { server in
            let client = try await server.connect()
            try await client.send(streamed ? S.streamed : S.whole)
            let call = await server.provider.nextCall()
            try await client.close()
            #expect(try await call.cancelled() == .clientGone)
        }
    }

    @Test("a slow reader pauses its own stream and nobody else's, and goes on where it was")
    func slowReader() async throws {
        try await S.with { server in
            let slow = try await RawClient.connect(to: server.address, readsAtOnce: false, receiveBuffer: 8192)
            try await slow.send(S.streamed)
            let slowCall = await server.provider.nextCall()
            let word = String(repeating: "x", count: 1000)
            let count = try await slowCall.sayUntilPaused(word)

            let other = try await server.connect()
            try await other.send(S.streamed)
            let otherCall = await server.provider.nextCall()
            try await otherCall.say("quick")
            try await other.skip(past: "quick")
            try await otherCall.end()
            try await other.skip(past: "event: response.completed\n")

            try await slow.startReading()
            try await slowCall.resumed()
            try await slowCall.end()
            let answer = try await slow.answer()
            #expect(answer.body.split(separator: "\n").count { $0 == "event: response.output_text.delta" } == count)
            #expect(answer.body.contains("event: response.completed\n"))
        }
    }

    @Test("a reader that takes nothing for too long has gone")
    func stalledReader() async throws {
        try await S.with(configure: { $0.writeTimeout = .milliseconds(20) }) { server in
            let client = try await RawClient.connect(to: server.address, readsAtOnce: false, receiveBuffer: 8192)
            try await client.send(S.streamed)
            let call = await server.provider.nextCall()
            _ = try await call.sayUntilPaused(String(repeating: "x", count: 1000))
            #expect(try await call.cancelled() == .clientGone)
        }
    }

    @Test("a silent stream is kept alive by comments")
    func comments() async throws {
        try await S.with(configure: { $0.sseCommentInterval = .milliseconds(20) }) { server in
            let client = try await server.connect()
            try await client.send(S.streamed)
            let call = await server.provider.nextCall()
            try await call.say("one")
            try await client.skip(past: "one")
            try await client.skip(past: "\r\n: keep-alive\n\n\r\n")
            try await client.skip(past: "\r\n: keep-alive\n\n\r\n")
            try await call.end()
            try await client.skip(past: "event: response.completed\n")
        }
    }
}
