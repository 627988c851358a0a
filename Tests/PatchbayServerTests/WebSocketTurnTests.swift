import NIOCore
import PatchbayJSON
import PatchbayLifecycle
import PatchbayModel
import PatchbayServer
import Testing

private typealias S = RunningServer
private typealias C = SocketClient

@Suite("Turns over a WebSocket", .timeLimit(.minutes(3)))
struct WebSocketTurnTests {
    private static let create = #"{"type":"response.create","model":"test","input":"hi"}"#
    private static let unstored = #"{"type":"response.create","model":"test","input":"one","store":false}"#

    private static func next(after id: String, store: Bool = false, input: String = "two") -> String {
        #"{"type":"response.create","model":"test","input":"\#(input)","store":\#(store),"previous_response_id":"\#(id)"}"#
    }

    @Test("the events are those of the stream over HTTP, each a text frame of one JSON object")
    func sameEvents() async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            try await socket.send(Self.create)
            let events = try await socket.turn()
            let stream = try await server.ask(S.streamed).body
            let expected = stream.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
            #expect(events.map { $0.root["type"]?.string ?? "" } == expected.map(String.init))
            #expect(events.map { $0.root["sequence_number"]?.int } == Array(0..<events.count))
            try await socket.raw.close()
        }
    }

    @Test("what is of the message alone isn't told the provider")
    func envelope() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(
                #"{"type":"response.create","model":"test","input":"hi","generate":true,"stream":false,"background":false,"top_p":0.5}"#
            )
            let call = await server.provider.nextCall()
            let body = try JSONDocument.parse(call.request.body).root
            #expect(body["type"] == nil && body["generate"] == nil && body["background"] == nil)
            #expect(body["stream"]?.bool == true && body["top_p"]?.double == 0.5)
            try await call.end()
            _ = try await socket.turn()
            try await socket.raw.close()
        }
    }

    @Test("one response is made at a time: messages that come before it has ended are answered after it, in order")
    func oneAtATime() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.raw.send(
                C.frame(Self.create) + C.frame(Self.create.replacing("hi", with: "second")) + C.frame("{}"))
            let first = await server.provider.nextCall()
            try await first.say("a")
            // A client that waits can still be heard, as far as it was read.
            try await first.end()
            let firstID = try await socket.turn().last?.responseID
            let second = await server.provider.nextCall()
            #expect(String(decoding: second.request.body, as: UTF8.self).contains("second"))
            try await second.end()
            #expect(try await socket.turn().last?.responseID != firstID)
            #expect(try await socket.event().root["error"]?["param"]?.string == "type")
            try await socket.raw.close()
        }
    }

    @Test("more messages than may wait end the connection with 1008")
    func tooManyWaiting() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.raw.send(C.frame(Self.create) + (0..<40).flatMap { _ in C.frame("{}") })
            let call = await server.provider.nextCall()
            #expect(try await call.cancelled() == .clientGone)
            #expect(try await socket.closed().code == 1008)
        }
    }

    @Test("a ping is answered while a response is made")
    func pingWithinTurn() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(Self.create)
            let call = await server.provider.nextCall()
            try await socket.raw.send(C.frame([1, 2], opcode: 9))
            var frame = try await socket.next()
            while frame.opcode == 1 { frame = try await socket.next() }
            #expect(frame.first == 0x8A && frame.payload == [1, 2])
            try await call.end()
            _ = try await socket.turn()
            try await socket.raw.close()
        }
    }

    @Test("a response that isn't stored is continued on its own connection, again and again")
    func continued() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            var id: String?
            for turn in 1...3 {
                try await socket.send(id.map { Self.next(after: $0, input: "input \(turn)") } ?? Self.unstored)
                let call = await server.provider.nextCall()
                let input = try JSONDocument.parse(call.request.body).root["input"]
                #expect(input?.elements.count == turn * 2 - 1)
                try await call.say("answer \(turn)")
                try await call.end()
                id = try await socket.turn().last?.responseID
            }
            let found = try await server.ask(S.get("/v1/responses/\(try #require(id))"))
            #expect(found.status == 404)
            try await socket.raw.close()
        }
    }

    @Test("what one connection remembers is nothing to another, nor to HTTP")
    func ownMemory() async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            let id = try await socket.ask(Self.unstored).responseID
            let other = try await server.socket()
            let error = try await other.ask(Self.next(after: id)).root
            #expect(error["type"]?.string == "error" && error["status"]?.int == 400)
            #expect(error["error"]?["code"]?.string == "previous_response_not_found")
            #expect(error["error"]?["param"]?.string == "previous_response_id")
            #expect(error["error"]?["type"]?.string == "invalid_request_error")
            let body = #"{"model":"test","input":"x","previous_response_id":"\#(id)"}"#
            #expect(try await server.ask(S.post(body)).status == 404)
            #expect(try await socket.ask(Self.next(after: id)).root["type"]?.string == "response.completed")
            try await socket.raw.close()
            try await other.raw.close()
        }
    }

    @Test("only the newest of the responses that aren't stored is remembered")
    func newestAlone() async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            let first = try await socket.ask(Self.unstored).responseID
            let second = try await socket.ask(Self.unstored).responseID
            let error = try await socket.ask(Self.next(after: first)).root
            #expect(error["error"]?["code"]?.string == "previous_response_not_found")
            #expect(try await socket.ask(Self.next(after: second)).root["type"]?.string == "response.completed")
            try await socket.raw.close()
        }
    }

    @Test("after a continuation that failed, what it was to continue is forgotten", arguments: ["model", "provider"])
    func evicted(by fault: String) async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(Self.unstored)
            try await server.provider.nextCall().end()
            let id = try #require(try await socket.turn().last).responseID
            if fault == "model" {
                let error = try await socket.ask(Self.next(after: id).replacing("\"test\"", with: "\"nothing\"")).root
                #expect(error["error"]?["code"]?.string == "model_not_found" && error["status"]?.int == 404)
            } else {
                try await socket.send(Self.next(after: id))
                let call = await server.provider.nextCall()
                try await call.say("some")
                try await call.end(.failed(GatewayError(.provider, "It broke.", code: "broken")))
                let events = try await socket.turn()
                #expect(events.last?.root["type"]?.string == "response.failed")
                let error = events.dropLast().last?.root
                #expect(error?["type"]?.string == "error" && error?["status"]?.int == 502)
                #expect(error?["error"]?["code"]?.string == "broken")
                #expect(error?["sequence_number"]?.int == events.count - 2)
            }
            let again = try await socket.ask(Self.next(after: id)).root
            #expect(again["error"]?["code"]?.string == "previous_response_not_found")
            try await socket.raw.close()
        }
    }

    @Test("a stored response is continued from the store, also by one that isn't, and that one by the next")
    func fromStore() async throws {
        try await S.with { server in
            let socket = try await server.socket()
            var id = ""
            for turn in 1...4 {
                try await socket.send(turn == 1 ? Self.create : Self.next(after: id, store: turn == 2))
                let call = await server.provider.nextCall()
                #expect(try JSONDocument.parse(call.request.body).root["input"]?.elements.count == turn * 2 - 1)
                try await call.say("answer")
                try await call.end()
                id = try #require(try await socket.turn().last).responseID
                let found = try await server.ask(S.get("/v1/responses/\(id)")).status
                #expect(found == (turn <= 2 ? 200 : 404))
            }
            try await socket.raw.close()
        }
    }

    @Test("a response that is to be stored can't continue one that isn't")
    func storedAfterUnstored() async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            let id = try await socket.ask(Self.unstored).responseID
            let error = try await socket.ask(Self.next(after: id, store: true)).root
            #expect(error["error"]?["code"]?.string == "previous_response_not_stored")
            #expect(error["error"]?["param"]?.string == "store" && error["status"]?.int == 400)
            try await socket.raw.close()
        }
    }

    @Test("what doesn't fit into the memory of all connections isn't remembered")
    func budget() async throws {
        try await S.with(echo: true, configure: { $0.webSocket.maxMemory = 2000 }) { server in
            let socket = try await server.socket()
            let small = try await socket.ask(Self.unstored).responseID
            let large = Self.next(after: small, input: String(repeating: "x", count: 3000))
            let id = try await socket.ask(large).responseID
            let error = try await socket.ask(Self.next(after: id)).root
            #expect(error["error"]?["code"]?.string == "previous_response_not_found")
            // What was taken has been given back: there is room for another connection's.
            let other = try await server.socket()
            let kept = try await other.ask(Self.unstored).responseID
            #expect(try await other.ask(Self.next(after: kept)).root["type"]?.string == "response.completed")
            try await socket.raw.close()
            try await other.raw.close()
        }
    }

    @Test(
        "generate false answers without asking the model, and later turns continue what it brought",
        arguments: [true, false])
    func warm(store: Bool) async throws {
        try await S.with { server in
            let socket = try await server.socket()
            try await socket.send(
                #"{"type":"response.create","model":"test","input":"before","instructions":"Be brief.","store":\#(store),"generate":false}"#
            )
            let events = try await socket.turn()
            #expect(
                events.map { $0.root["type"]?.string } == [
                    "response.created", "response.in_progress", "response.completed",
                ])
            let response = try #require(events.last?.root["response"])
            #expect(response["output"]?.elements.isEmpty == true && response["status"]?.string == "completed")
            #expect(response["instructions"]?.string == "Be brief.")
            #expect(response["usage"]?["total_tokens"]?.int == 0)
            let id = try #require(response["id"]?.string)
            for _ in 1...2 {
                // The model is asked only now. A branch of what is stored can be begun twice.
                try await socket.send(Self.next(after: id, store: store, input: "then"))
                let call = await server.provider.nextCall()
                let input = try #require(try JSONDocument.parse(call.request.body).root["input"])
                #expect(input.elements.count == 2)
                let text = String(decoding: input.raw, as: UTF8.self)
                #expect(text.contains("before") && text.contains("then"))
                try await call.end()
                _ = try await socket.turn()
                if !store { break }
            }
            try await socket.raw.close()
        }
    }

    @Test(
        "what isn't a message of the protocol is an error with its place, and the connection goes on",
        arguments: [
            ("[]", "", "invalid_json"), ("{", "", "invalid_json"), ("{}", "type", "missing_required_parameter"),
            (#"{"type":"response.steer"}"#, "type", "unknown_event_type"),
            (#"{"type":"response.create"}"#, "model", "missing_required_parameter"),
            (
                #"{"type":"response.create","model":"test","input":"x","background":true}"#, "background",
                "unsupported_parameter"
            ),
            (
                #"{"type":"response.create","model":"test","input":"x","stream_id":"a"}"#, "stream_id",
                "unsupported_parameter"
            ),
            (#"{"type":"response.create","model":"test","input":"x","generate":1}"#, "generate", "invalid_type"),
            (#"{"type":"response.create","model":"test","input":[1]}"#, "input[0]", "invalid_type"),
        ])
    func wrongMessages(message: String, param: String, code: String) async throws {
        try await S.with(echo: true) { server in
            let socket = try await server.socket()
            let error = try await socket.ask(message).root
            #expect(error["type"]?.string == "error" && error["status"]?.int == 400)
            #expect(error["error"]?["param"]?.string ?? "" == param)
            #expect(error["error"]?["code"]?.string == code)
            #expect(try await socket.ask(Self.create).root["type"]?.string == "response.completed")
            try await socket.raw.close()
        }
    }
}
